package io.gatepost.samples.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServedTlsTest {
    private static final String MANIFESTS = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: gw}
            spec:
              gatewayClassName: agentgateway
              listeners: [{name: http, protocol: HTTP, port: 80}]
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayBackend
            metadata: {name: openai}
            spec: {ai: {provider: {openai: {model: gpt-4.1-nano}}}}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: a}
            spec:
              parentRefs: [{name: gw}]
              rules:
                - backendRefs: [{name: openai, group: agentgateway.dev, kind: AgentgatewayBackend}]
            """;
    private static final String POLICY = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: by-certificate}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: a}]
              traffic:
                authorization:
                  policy: {matchExpressions: ['EXPRESSION']}
            """;

    @TempDir
    private static Path certificates;

    private static TestCertificates authority;
    private static TestCertificates.Pair server;
    private static TestCertificates.Pair other;
    private static TestCertificates.Pair client;

    @TempDir
    private Path folder;

    private @Nullable GatewayServer gateway;

    @BeforeAll
    static void issueCertificates() throws Exception {
        authority = new TestCertificates(certificates);
        server = authority.issue("server", "EC", "CN=localhost", "dns:localhost");
        other = authority.issue("other", "RSA", "CN=renewed", "dns:localhost");
        client = authority.issue(
                "client", "EC", "CN=batch,O=Data", "uri:spiffe://td.test/ns/jobs/sa/nightly,dns:b.test");
        Files.writeString(certificates.resolve("ca.pem"), authority.authorityPem());
    }

    @BeforeEach
    void writeFiles() throws IOException {
        Files.writeString(Files.createDirectory(folder.resolve("m")).resolve("gateway.yaml"), MANIFESTS);
        Files.writeString(folder.resolve("cert.pem"), server.certificatePem());
        Files.writeString(folder.resolve("key.pem"), server.keyPem());
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
    }

    @Test
    void servesHttp2ByItsCertificate() throws Exception {
        start(false, true);

        HttpResponse<String> answer = send(authority.client(null), "/v1/chat/completions");

        assertThat(gateway().url().getScheme()).isEqualTo("https");
        assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"EC, false", "EC, true", "RSA, false", "RSA, true"})
    void readsTheUsualFormsOfKeys(String algorithm, boolean traditional) throws Exception {
        TestCertificates.Pair pair = algorithm.equals("EC") ? server : other;
        Files.writeString(folder.resolve("cert.pem"), pair.certificatePem());
        Files.writeString(folder.resolve("key.pem"), traditional ? pair.traditionalKeyPem() : pair.keyPem());
        start(false, true);

        assertThat(send(authority.client(null), "/v1/chat/completions").statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1", "TLSv1.1"})
    void refusesOldProtocols(String protocol) throws Exception {
        start(false, true);
        try (SSLSocket socket = connect(authority.client(null))) {
            // What this JDK no longer speaks by itself has to be allowed first.
            assertThatThrownBy(() -> {
                        socket.setEnabledProtocols(new String[] {protocol});
                        socket.startHandshake();
                    })
                    .isInstanceOf(SSLException.class);
        }
    }

    @Test
    void takesUpAChangedCertificateAndKeepsItsConnections() throws Exception {
        start(false, true);
        try (SSLSocket before = connect(authority.client(null))) {
            assertThat(commonName(before)).isEqualTo("CN=localhost");
            Files.writeString(folder.resolve("cert.pem"), other.certificatePem());
            Files.writeString(folder.resolve("key.pem"), other.keyPem());

            awaitCertificate("CN=renewed");

            assertThat(exchange(before)).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void keepsItsCertificateWhereTheChangedOneIsNotThatOfTheKey() throws Exception {
        start(false, true);
        Files.writeString(folder.resolve("cert.pem"), other.certificatePem());

        String refused = "gatepost_reloads_total{result=\"refused\"} 1";
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!gateway().metrics().contains(refused) && System.nanoTime() < end) {
            Thread.onSpinWait();
        }

        assertThat(gateway().metrics()).contains(refused);
        awaitCertificate("CN=localhost");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "source.identity.trustDomain == \"td.test\" && source.identity.namespace == \"jobs\""
                        + " && source.identity.serviceAccount == \"nightly\"",
                "source.spiffeId == \"spiffe://td.test/ns/jobs/sa/nightly\"",
                "source.subjectCn == \"batch\"",
                "source.subject == \"CN=batch,O=Data\"",
                "source.issuer == \"CN=ca\"",
                "\"b.test\" in source.subjectAltNames",
                "source.certificate.startsWith(\"-----BEGIN CERTIFICATE-----\")"
            })
    void showsRulesTheCertificateOfAClient(String expression) throws Exception {
        policy(expression);
        start(true, false);

        assertThat(send(authority.client(client), "/v1/chat/completions").statusCode())
                .isEqualTo(200);
        assertThat(send(authority.client(null), "/v1/chat/completions").statusCode())
                .isEqualTo(403);
    }

    @Test
    void showsRulesNoCertificateWhereNoneIsAskedFor() throws Exception {
        policy("has(source.subjectCn)");
        start(false, true);

        assertThat(send(authority.client(client), "/v1/chat/completions").statusCode())
                .isEqualTo(403);
    }

    @Test
    void refusesAClientWithoutACertificateWhereOneIsRequired() throws Exception {
        start(true, true);

        assertThat(send(authority.client(client), "/v1/chat/completions").statusCode())
                .isEqualTo(200);
        assertThatThrownBy(() -> send(authority.client(null), "/v1/chat/completions"))
                .isInstanceOf(IOException.class);
    }

    @Test
    void refusesAClientOfAnotherAuthority(@TempDir Path elsewhere) throws Exception {
        TestCertificates stranger = new TestCertificates(elsewhere);
        TestCertificates.Pair pair = stranger.issue("client", "EC", "CN=batch", "dns:b.test");
        start(true, false);

        assertThatThrownBy(() -> send(authority.client(pair), "/v1/chat/completions"))
                .isInstanceOf(IOException.class);
    }

    @Test
    void saysWhatIsWrongWithItsFiles() throws Exception {
        Path key = folder.resolve("key.pem");
        Files.writeString(key, other.keyPem());
        assertProblem("`" + key + "` holds no EC key, as the certificate needs, or it is damaged");
        Files.writeString(key, client.keyPem());
        assertProblem("`" + key + "` is not the key of the certificate");
        Files.writeString(key, server.keyPem().replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"));
        assertProblem("`" + key + "` is encrypted; write it without a passphrase");
        Files.writeString(key, "nothing");
        assertProblem("`" + key + "` holds no private key; expected PEM");
        Files.delete(key);
        assertProblem("`" + key + "` does not exist");
        Path certificate = folder.resolve("cert.pem");
        Files.writeString(certificate, "nothing");
        assertProblem("`" + certificate + "` holds ");
    }

    @Test
    void closesConnectionsThatDoNotShakeHands() throws Exception {
        Limits brief =
                new Limits(4096, 1000, 10, 100, Duration.ofMillis(300), Duration.ofMinutes(5), Duration.ofMinutes(5));
        gateway = GatewayServer.start(options(false, true).limits(brief).build());
        try (RawClient silent = new RawClient(gateway().url().getPort());
                RawClient slow = new RawClient(gateway().url().getPort());
                SSLSocket shaken = connect(authority.client(null))) {
            shaken.startHandshake();
            slow.send("\u0016\u0003\u0001");

            assertThat(silent.rest()).isIn("", "[reset]");
            assertThat(slow.rest()).isIn("", "[reset]");
        }
    }

    private void assertProblem(String message) {
        assertThatThrownBy(() -> start(false, true))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith(message)
                .hasMessageNotContaining("BEGIN EC");
    }

    private void policy(String expression) throws IOException {
        Files.writeString(folder.resolve("m").resolve("policy.yaml"), POLICY.replace("EXPRESSION", expression));
    }

    private void start(boolean askClients, boolean required) {
        gateway = GatewayServer.start(options(askClients, required).build());
    }

    private ServeOptions.Builder options(boolean askClients, boolean required) {
        return ServeOptions.builder(folder.resolve("m"))
                .upstreams(new ServeOptions.Upstreams(true, null, Map.of()))
                .tls(new TlsFiles(
                        folder.resolve("cert.pem"),
                        folder.resolve("key.pem"),
                        askClients ? certificates.resolve("ca.pem") : null,
                        required))
                .drainTimeout(Duration.ofMillis(1));
    }

    private GatewayServer gateway() {
        if (gateway == null) {
            throw new IllegalStateException("not started");
        }
        return gateway;
    }

    private HttpResponse<String> send(SSLContext context, String path) throws Exception {
        URI url = URI.create("https://localhost:" + gateway().url().getPort() + path);
        return HttpClient.newBuilder()
                .sslContext(context)
                .build()
                .send(
                        HttpRequest.newBuilder(url)
                                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"m\",\"messages\":[]}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private SSLSocket connect(SSLContext context) throws IOException {
        return (SSLSocket) context.getSocketFactory()
                .createSocket("localhost", gateway().url().getPort());
    }

    private static String commonName(SSLSocket socket) throws IOException {
        socket.startHandshake();
        return ((java.security.cert.X509Certificate) socket.getSession().getPeerCertificates()[0])
                .getSubjectX500Principal()
                .getName();
    }

    private static String exchange(SSLSocket socket) throws IOException {
        String body = "{\"model\":\"m\",\"messages\":[]}";
        socket.getOutputStream()
                .write(("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
                                + body.length() + "\r\n\r\n" + body)
                        .getBytes(StandardCharsets.US_ASCII));
        try (InputStream in = socket.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private void awaitCertificate(String name) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        String seen = "";
        while (!seen.equals(name) && System.nanoTime() < end) {
            try (SSLSocket socket = connect(authority.client(null))) {
                seen = commonName(socket);
            }
        }
        assertThat(seen).isEqualTo(name);
    }
}
