package io.gatepost.samples.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.gatepost.testkit.TestCertificate;
import io.gatepost.testkit.TestKeyServer;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys behind URLs, Services and Backends, with and without TLS, as manifests say it. */
@Timeout(120)
class GatewayKeysTest {
    private static final TestCertificate IDP =
            TestCertificate.of("idp.default.svc.cluster.local", "idp.test", "spiffe://test/idp");
    private static final TestCertificate OTHER = TestCertificate.of("idp.test");
    private static final String ROUTE = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: gw}
            spec: {gatewayClassName: agentgateway, listeners: [{name: http, protocol: HTTP, port: 80}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: route}
            spec:
              parentRefs: [{name: gw}]
              rules: [{backendRefs: [{name: BACKEND, group: agentgateway.dev, kind: AgentgatewayBackend}]}]
            """;
    private static final String OPENAI = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayBackend
            metadata: {name: openai}
            spec: {ai: {provider: {openai: {}}}}
            """;
    private static final String POLICY = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: jwt}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: gw}]
              traffic:
                jwtAuthentication:
                  providers: [{issuer: 'ISSUER', JWKS}]
            """;
    private static final String SERVICE =
            "jwks: {remote: {backendRef: {group: '', kind: Service, name: idp, port: 8443}, jwksPath: jwks}}";
    private static final String BACKEND =
            "jwks: {remote: {backendRef: {group: agentgateway.dev, kind: AgentgatewayBackend, name: idp}, jwksPath: /jwks}}";
    private static final String STATIC = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayBackend
            metadata: {name: idp}
            spec:
              static: {host: HOST, port: 8443}
              policies: {tls: TLS}
            """;
    private static final String TLS_POLICY = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: idp-tls}
            spec:
              targetRefs: [{group: 'GROUP', kind: KIND, name: idp}]
              backend: {tls: TLS}
            """;

    @TempDir
    private Path folder;

    @TempDir
    private Path state;

    private final TestKeyServer http = TestKeyServer.start();
    private final TestKeyServer https = TestKeyServer.start(IDP.serving());
    private final HttpClient client = HttpClient.newHttpClient();
    private @Nullable GatewayServer gateway;

    @AfterEach
    void stop() {
        stopGateway();
        http.close();
        https.close();
    }

    @Test
    void readsKeysByUrlAndByAServiceInTheClear() throws Exception {
        write("gateway.yaml", ROUTE.replace("BACKEND", "openai"), OPENAI);
        write("policy.yaml", policy(http, "jwks: {remote: {url: 'http://idp.test:8088/jwks'}}"));
        start(http, "idp.test:8088");
        assertThat(status(http.issuer())).isEqualTo(200);

        stopGateway();
        write("policy.yaml", policy(http, SERVICE));
        start(http, "idp.default.svc.cluster.local:8443");
        assertThat(status(http.issuer())).isEqualTo(200);
    }

    @Test
    void findsKeysByDiscovery() throws Exception {
        write("gateway.yaml", ROUTE.replace("BACKEND", "openai"), OPENAI);
        write("policy.yaml", policy(http, "discovery: true"));
        start(http, "idp.test:80");

        assertThat(status(http.issuer())).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"localhost, 200", "keys.test, 503"})
    void followsDiscoveryToListedHostsOnly(String listed, int expected) throws Exception {
        HttpServer issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String iss = "http://127.0.0.1:" + issuer.getAddress().getPort();
        byte[] document = ("{\"issuer\":\"" + iss + "\",\"jwks_uri\":\"http://localhost:" + http.port() + "/jwks\"}")
                .getBytes(StandardCharsets.UTF_8);
        issuer.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, document.length);
            exchange.getResponseBody().write(document);
            exchange.close();
        });
        issuer.start();
        try {
            write("gateway.yaml", ROUTE.replace("BACKEND", "openai"), OPENAI);
            write("policy.yaml", POLICY.replace("ISSUER", iss).replace("JWKS", "discovery: true"));
            gateway = GatewayServer.start(ServeOptions.builder(folder)
                    .upstreams(new ServeOptions.Upstreams(true, null, Map.of()))
                    .discoveryHosts(List.of(listed))
                    .build());
            String token = http.issuer().token().claim("iss", iss).compact();
            assertThat(send(HttpRequest.newBuilder(running().url().resolve("/v1/chat/completions"))
                            .header("Authorization", "Bearer " + token)
                            .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"gpt-x\",\"messages\":[]}"))))
                    .isEqualTo(expected);
        } finally {
            issuer.stop(0);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "by the authority             | {caCertificateRefs: [{name: ca}]}                                       | 200",
                "by another authority         | {caCertificateRefs: [{name: other}]}                                    | 503",
                "by none that is there        | {caCertificateRefs: [{name: absent}]}                                   | 503",
                "by the system's              | {}                                                                      | 503",
                "by another name              | {caCertificateRefs: [{name: ca}], sni: idp.test}                        | 200",
                "by a name it has not         | {caCertificateRefs: [{name: ca}], sni: other.test}                      | 503",
                "by one of several names      | {caCertificateRefs: [{name: ca}], verifySubjectAltNames: [x, idp.test]} | 200",
                "by an identity               | {caCertificateRefs: [{name: ca}], verifySubjectAltNames: ['spiffe://test/idp']} | 200",
                "by an identity it has not    | {caCertificateRefs: [{name: ca}], verifySubjectAltNames: ['spiffe://test/i']} | 503",
                "by the identity of another   | {caCertificateRefs: [{name: other}], verifySubjectAltNames: [idp.test]} | 503",
                "not at all                   | {insecureSkipVerify: All}                                               | 200",
                "but for the name             | {caCertificateRefs: [{name: ca}], sni: x.test, insecureSkipVerify: Hostname} | 200",
                "not even but for the name    | {caCertificateRefs: [{name: other}], insecureSkipVerify: Hostname}      | 503"
            })
    void verifiesAKeyServer(String how, String tls, int expected) throws Exception {
        write("gateway.yaml", ROUTE.replace("BACKEND", "openai"), OPENAI, authorities());
        for (boolean service : List.of(true, false)) {
            String target = service ? "Service" : "AgentgatewayBackend";
            String tlsPolicy = TLS_POLICY
                    .replace("KIND", target)
                    .replace("GROUP", service ? "" : "agentgateway.dev")
                    .replace("TLS", tls);
            String backend = STATIC.replace("  policies: {tls: TLS}\n", "");
            write("keys.yaml", tlsPolicy, backend.replace("HOST", "idp.test"));
            assertThat(onceStarted(service ? SERVICE : BACKEND))
                    .as(how + ": " + target)
                    .isEqualTo(expected);
        }
        write("keys.yaml", STATIC.replace("TLS", tls).replace("HOST", "idp.test"));
        assertThat(onceStarted(BACKEND)).as(how + ": static").isEqualTo(expected);
    }

    private int onceStarted(String jwks) throws Exception {
        write("policy.yaml", policy(https, jwks));
        start(https, jwks.equals(SERVICE) ? "idp.default.svc.cluster.local:8443" : "idp.test:8443");
        try {
            return status(https.issuer());
        } finally {
            stopGateway();
        }
    }

    @Test
    void takesUpMendedTlsAtOnce() throws Exception {
        write("gateway.yaml", ROUTE.replace("BACKEND", "openai"), OPENAI, authorities());
        write(
                "keys.yaml",
                STATIC.replace("TLS", "{caCertificateRefs: [{name: other}]}").replace("HOST", "idp.test"));
        write("policy.yaml", policy(https, BACKEND));
        start(https, "idp.test:8443");
        assertThat(status(https.issuer())).isEqualTo(503);
        String source = "{source=\"AgentgatewayBackend default/idp /jwks\"}";
        assertThat(running().metrics())
                .contains("gatepost_key_set_keys" + source + " 0")
                .contains("gatepost_key_set_failing" + source + " 1")
                .doesNotContain("gatepost_key_set_age_seconds" + source);

        write(
                "keys.yaml",
                STATIC.replace("TLS", "{caCertificateRefs: [{name: ca}]}").replace("HOST", "idp.test"));
        awaitStatus(200, https.issuer());
        assertThat(running().metrics())
                .contains("gatepost_key_set_keys" + source + " 1")
                .contains("gatepost_key_set_failing" + source + " 0")
                .contains("gatepost_key_set_age_seconds" + source)
                .contains("gatepost_key_set_next_try_seconds" + source);
    }

    @Test
    void followsRotations() throws Exception {
        write("gateway.yaml", ROUTE.replace("BACKEND", "openai"), OPENAI);
        write("policy.yaml", policy(http, SERVICE));
        start(http, "idp.default.svc.cluster.local:8443");
        TokenIssuer first = http.issuer();
        assertThat(status(first)).isEqualTo(200);
        for (int i = 0; i < 3; i++) {
            assertThat(status(http.rotate())).isEqualTo(200);
        }

        assertThat(status(first)).isEqualTo(401);
    }

    @Test
    void servesAfterARestartWhileTheKeyServerIsDown() throws Exception {
        write("gateway.yaml", ROUTE.replace("BACKEND", "openai"), OPENAI);
        write("policy.yaml", policy(http, SERVICE));
        start(http, "idp.default.svc.cluster.local:8443", state);
        assertThat(status(http.issuer())).isEqualTo(200);
        awaitKeptKeys();
        stopGateway();
        start(https, "idp.default.svc.cluster.local:8443", state);

        assertThat(status(http.issuer())).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{insecureSkipVerify: All} | 200",
                "{caCertificateRefs: [{name: ca}], sni: x.test, insecureSkipVerify: Hostname} | 200",
                "{caCertificateRefs: [{name: ca}], verifySubjectAltNames: ['spiffe://test/idp']} | 200",
                "{caCertificateRefs: [{name: ca}], verifySubjectAltNames: ['spiffe://test/i']} | 502",
                "{caCertificateRefs: [{name: ca}]} | 502"
            })
    void verifiesAnUpstreamAsWell(String tls, int expected) throws Exception {
        write("gateway.yaml", ROUTE.replace("BACKEND", "idp"), authorities());
        write("keys.yaml", STATIC.replace("TLS", tls).replace("HOST", "elsewhere.test"));
        start(https, "elsewhere.test:8443");

        assertThat(send(HttpRequest.newBuilder(running().url().resolve("/jwks"))))
                .isEqualTo(expected);
    }

    private static String policy(TestKeyServer provider, String jwks) {
        return POLICY.replace("ISSUER", provider.issuer().issuer()).replace("JWKS", jwks);
    }

    private static String authorities() {
        return configMap("ca", IDP) + "---\n" + configMap("other", OTHER);
    }

    private static String configMap(String name, TestCertificate certificate) {
        return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\ndata:\n  ca.crt: |\n"
                + certificate.pem().indent(4);
    }

    /** Only where it is told to does it keep keys: they would hide what can't be fetched. */
    private void start(TestKeyServer server, String instead) {
        start(server, instead, null);
    }

    private void start(TestKeyServer server, String instead, @Nullable Path stateDir) {
        boolean mock = !instead.startsWith("elsewhere");
        Map<String, InetSocketAddress> resolve =
                Map.of(instead, new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
        gateway = GatewayServer.start(ServeOptions.builder(folder)
                .upstreams(new ServeOptions.Upstreams(mock, null, resolve))
                .stateDir(stateDir)
                .build());
    }

    private void stopGateway() {
        if (gateway != null) {
            gateway.close();
            gateway = null;
        }
    }

    private GatewayServer running() {
        if (gateway == null) {
            throw new IllegalStateException("not started");
        }
        return gateway;
    }

    private int status(TokenIssuer issuer) throws Exception {
        return send(HttpRequest.newBuilder(running().url().resolve("/v1/chat/completions"))
                .header("Authorization", "Bearer " + issuer.token().compact())
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"gpt-x\",\"messages\":[]}")));
    }

    private int send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    private void awaitStatus(int status, TokenIssuer issuer) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        int last = 0;
        while (last != status && System.nanoTime() < end) {
            last = status(issuer);
        }
        assertThat(last).isEqualTo(status);
    }

    private void awaitKeptKeys() throws IOException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!hasKeptKeys()) {
            assertThat(System.nanoTime()).as("came true in time").isLessThan(end);
            Thread.onSpinWait();
        }
    }

    private boolean hasKeptKeys() throws IOException {
        try (Stream<Path> files = Files.list(state)) {
            return files.anyMatch(file -> file.toString().endsWith(".json"));
        }
    }

    /** As deployments do: written aside, then put in place at once. */
    private void write(String name, String... documents) throws IOException {
        Path draft = Files.writeString(folder.resolve("." + name), String.join("---\n", documents));
        Files.move(draft, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }
}
