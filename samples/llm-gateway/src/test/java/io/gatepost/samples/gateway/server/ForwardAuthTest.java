package io.gatepost.samples.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.tools.token.TokenBuilder;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a proxy is told that asks about a request. */
class ForwardAuthTest {
    private static final TokenIssuer SOLO = TokenIssuer.of("solo.io");
    static final String MANIFESTS = """
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
            spec: {ai: {provider: {openai: {}}}}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: chat}
            spec:
              parentRefs: [{name: gw}]
              rules:
                - matches: [{path: {type: PathPrefix, value: /v1}}]
                  backendRefs: [{name: openai, group: agentgateway.dev, kind: AgentgatewayBackend}]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: open}
            spec:
              parentRefs: [{name: gw}]
              rules:
                - matches: [{path: {type: PathPrefix, value: /open}}]
                  backendRefs: [{name: openai, group: agentgateway.dev, kind: AgentgatewayBackend}]
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: only-alice}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: chat}]
              traffic:
                cors: {allowOrigins: ['*'], allowMethods: ['*'], allowHeaders: ['*']}
                jwtAuthentication:
                  providers: [{issuer: solo.io, jwks: {inline: 'JWKS'}}]
                authorization: {policy: {matchExpressions: ['RULE']}}
            """;
    /** Of another host, without a policy. */
    static final String OPEN_ROUTE = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: elsewhere}
            spec:
              parentRefs: [{name: gw}]
              hostnames: [HOST]
              rules:
                - backendRefs: [{name: openai, group: agentgateway.dev, kind: AgentgatewayBackend}]
            """;

    private static final String POLICY_OF_SECURE = """
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: secured}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: secure}]
              traffic:
                jwtAuthentication: {providers: [{issuer: solo.io, jwks: {inline: 'JWKS'}}]}
            """.replace("JWKS", SOLO.jwks());
    private static final String ALICE = "jwt.sub == \"alice\"";

    @TempDir
    private Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private @Nullable GatewayServer gateway;

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"X-Forwarded-, X-Forwarded-Uri", "X-Original-, X-Original-URI"})
    void judgesTheRequestThatTheProxyDescribes(String family, String uri) throws Exception {
        start(ALICE);
        String[] about = {family + "Method", "POST", family + "Host", "llm.example.com", uri, "/v1/chat/completions?a=b"
        };

        HttpResponse<String> none = ask(null, about);
        assertThat(none.statusCode()).isEqualTo(401);
        assertThat(none.headers().firstValue("www-authenticate")).hasValue("Bearer realm=\"gatepost\"");
        assertThat(none.body()).contains("\"type\":\"authentication_error\"");
        HttpResponse<String> bob = ask(SOLO.token().subject("bob"), about);
        assertThat(bob.statusCode()).isEqualTo(403);
        assertThat(bob.body()).contains("\"type\":\"permission_error\"");
        HttpResponse<String> alice = ask(SOLO.token().subject("alice"), about);
        assertThat(alice.statusCode()).isEqualTo(200);
        assertThat(alice.body()).isEmpty();
        assertThat(alice.headers().allValues("x-auth-subject")).containsExactly("alice");
        assertThat(alice.headers().allValues("x-auth-issuer")).containsExactly("solo.io");
    }

    @Test
    void showsRulesMethodHostPathSchemeAndAddressOfTheOriginal() throws Exception {
        start("request.method == \"HEAD\" && request.host == \"llm.example.com:8443\" && request.path == \"/v1/a%2Fb\""
                + " && request.uri.endsWith(\"/v1/a%2Fb?q=1\")"
                + " && request.scheme == \"https\" && source.address == \"192.0.2.7\"");
        String[] about = {
            "X-Forwarded-Method", "HEAD",
            "X-Forwarded-Host", "llm.example.com:8443",
            "X-Forwarded-Uri", "/v1/a%2Fb?q=1",
            "X-Forwarded-Proto", "https",
            "X-Forwarded-For", "198.51.100.1, 192.0.2.7"
        };

        assertThat(ask(SOLO.token(), about).statusCode()).isEqualTo(200);
        about[9] = "192.0.2.7, 198.51.100.1";
        assertThat(ask(SOLO.token(), about).statusCode()).isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a dot segment | X-Forwarded-Uri | /open/../v1",
                "an encoded dot segment | X-Forwarded-Uri | /open/%2e%2e/v1",
                "a backslash | X-Forwarded-Uri | /open\\v1",
                "no path | X-Forwarded-Uri | http://llm.example.com/open",
                "a star | X-Forwarded-Uri | *",
                "a fragment | X-Forwarded-Uri | /open?a#b",
                "another value of nginx's header | X-Original-URI | /v1",
                "no host | X-Forwarded-Host | a/b",
                "two hosts | X-Forwarded-Host | llm.example.com, other.example.com",
                "no method | X-Forwarded-Method | GET /v1",
                "no scheme | X-Forwarded-Proto | gopher",
                "no address | X-Forwarded-For | unknown"
            })
    void refusesAnOriginalWithTwoReadings(String what, String name, String value) throws Exception {
        start(ALICE);
        Map<String, String> about = new LinkedHashMap<>(
                Map.of("X-Forwarded-Method", "GET", "X-Forwarded-Host", "llm.example.com", "X-Forwarded-Uri", "/open"));
        assertThat(ask(null, flat(about)).statusCode()).isEqualTo(200);

        about.put(name, value);

        HttpResponse<String> refused = ask(null, flat(about));
        assertThat(refused.statusCode()).as(what).isEqualTo(400);
        assertThat(refused.body()).contains("request_malformed");
    }

    @ParameterizedTest
    @CsvSource({"X-Forwarded-Method", "X-Forwarded-Host", "X-Forwarded-Uri"})
    void refusesAHeaderThatIsMissingOrThereTwice(String name) throws Exception {
        start(ALICE);
        Map<String, String> about = new LinkedHashMap<>(
                Map.of("X-Forwarded-Method", "GET", "X-Forwarded-Host", "llm.example.com", "X-Forwarded-Uri", "/open"));
        String value = Objects.requireNonNull(about.remove(name));

        assertThat(ask(null, flat(about)).statusCode()).isEqualTo(400);
        about.put(name, value);
        String[] once = flat(about);
        String[] twice = Arrays.copyOf(once, once.length + 2);
        twice[once.length] = name;
        twice[once.length + 1] = value;
        assertThat(ask(null, twice).statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "secure.test",
                "secure.test.",
                "SECURE.test.",
                "secure.test:8080",
                "secure.test.:8080",
                "Secure.Test"
            })
    void judgesAHostWithAFinalDotAsTheSameHost(String host) throws Exception {
        Files.writeString(folder.resolve("open.yaml"), OPEN_ROUTE.replace("HOST", "\"*.test\""));
        Files.writeString(
                folder.resolve("closed.yaml"),
                OPEN_ROUTE.replace("HOST", "secure.test").replace("elsewhere", "secure") + POLICY_OF_SECURE);
        start(ALICE);
        String[] about = about("GET", "/v1");

        about[3] = "other.test";
        assertThat(ask(null, about).statusCode()).isEqualTo(200);
        about[3] = host;
        assertThat(ask(null, about).statusCode()).isEqualTo(401);
    }

    @Test
    void doesNotCountWhatConcernedTheHopToTheProxyOnly() throws Exception {
        start("\"x-safety\" in request.headers");
        String head = "GET / HTTP/1.1\r\nHost: gatepost\r\nX-Safety: on\r\nX-Forwarded-Method: GET\r\n"
                + "X-Forwarded-Host: llm.example.com\r\nX-Forwarded-Uri: /v1\r\nAuthorization: Bearer "
                + SOLO.token().compact() + "\r\n";
        assertThat(raw(head + "Connection: close\r\n\r\n")).startsWith("HTTP/1.1 200");
        assertThat(raw(head + "Connection: close, X-Safety\r\n\r\n")).startsWith("HTTP/1.1 403");
        for (String about : List.of("X-Forwarded-Uri", "x-forwarded-for", "X-Original-Host", "Forwarded")) {
            assertThat(raw(head + "Connection: close, " + about + "\r\n\r\n")).startsWith("HTTP/1.1 400");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/%61dmin", "/%761/admin", "/v1/admin"})
    void readsAPathInItsNormalForm(String uri) throws Exception {
        start("request.path == \"/v1/admin\"");

        assertThat(ask(null, about("GET", uri)).statusCode()).isEqualTo(401);
        assertThat(ask(SOLO.token(), about("GET", uri)).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"//v1", "/v1//x", "/;/v1", "/;a/v1", "/v1;a/x"})
    void refusesPathsThatServersBehindItReadInTwoWays(String uri) throws Exception {
        start(ALICE);

        assertThat(ask(SOLO.token(), about("GET", uri)).statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TRACE", "CONNECT"})
    void refusesMethodsThatTheGatewayDoesNotSendOn(String method) throws Exception {
        start(ALICE);

        assertThat(ask(SOLO.token(), about(method, "/v1")).statusCode()).isEqualTo(400);
    }

    private String raw(String request) throws IOException {
        int port = Objects.requireNonNull(gateway).forwardAuthPort();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void refusesWhereNoRouteMatches() throws Exception {
        start(ALICE);

        assertThat(ask(SOLO.token().subject("alice"), about("GET", "/elsewhere"))
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void refusesGrpcWithAStatusThatNoProxyTakesForConsent() throws Exception {
        start(ALICE);
        String[] about = Arrays.copyOf(about("POST", "/v1/service/Method"), 8);
        about[6] = "Content-Type";
        about[7] = "application/grpc";

        assertThat(ask(null, about).statusCode()).isEqualTo(401);
    }

    @Test
    void doesNotTakeAPreflightForConsent() throws Exception {
        start(ALICE);
        String[] about = Arrays.copyOf(about("OPTIONS", "/v1"), 10);
        about[6] = "Origin";
        about[7] = "https://chat.example.com";
        about[8] = "Access-Control-Request-Method";
        about[9] = "POST";

        assertThat(ask(null, about).statusCode()).isEqualTo(401);
    }

    @Test
    void closesARouteWhoseRulesReadTheBody() throws Exception {
        start("llm.requestModel == \"small\" || true");

        HttpResponse<String> refused = ask(SOLO.token(), about("POST", "/v1"));

        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("body_not_judged", "read the body");
    }

    @Test
    void tellsTheClaimsThatWereAskedForWhereAHeaderCanHoldThem() throws Exception {
        start(ALICE);
        TokenBuilder token = SOLO.token()
                .subject("alice")
                .claim("email", "alice@example.com")
                .claim("level", 3)
                .claim("roles", List.of("a", "b,c"))
                .claim("name", "Zo\u00eb")
                .claim("evil", "x\r\nX-Auth-Subject: admin")
                .claim("secret", "not asked for");

        HttpResponse<String> allowed = ask(token, about("POST", "/v1"));

        assertThat(allowed.statusCode()).isEqualTo(200);
        assertThat(allowed.headers().map().keySet().stream().filter(name -> name.startsWith("x-auth-")))
                .containsExactlyInAnyOrder(
                        "x-auth-subject",
                        "x-auth-issuer",
                        "x-auth-claim-email",
                        "x-auth-claim-level",
                        "x-auth-claim-roles");
        assertThat(allowed.headers().firstValue("x-auth-claim-level")).hasValue("3");
        assertThat(allowed.headers().firstValue("x-auth-claim-roles")).hasValue("[\"a\",\"b,c\"]");
        assertThat(allowed.headers().allValues("x-auth-subject")).containsExactly("alice");
    }

    @Test
    void refusesToNameAHeaderAfterAClaimThatCanNotBeOne() {
        assertThatThrownBy(() -> new IdentityHeaders(List.of("https://example.com/roles")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("`https://example.com/roles`: expected letters");
    }

    private static String[] about(String method, String uri) {
        return new String[] {"X-Forwarded-Method", method, "X-Forwarded-Host", "llm.example.com", "X-Forwarded-Uri", uri
        };
    }

    private static String[] flat(Map<String, String> headers) {
        return headers.entrySet().stream()
                .flatMap(header -> Stream.of(header.getKey(), header.getValue()))
                .toArray(String[]::new);
    }

    private HttpResponse<String> ask(@Nullable TokenBuilder token, String... about) throws Exception {
        int port = Objects.requireNonNull(gateway).forwardAuthPort();
        HttpRequest.Builder check = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                .headers(about);
        if (token != null) {
            check.header("Authorization", "Bearer " + token.compact());
        }
        return client.send(check.build(), HttpResponse.BodyHandlers.ofString());
    }

    private void start(String rule) throws Exception {
        Files.writeString(
                folder.resolve("all.yaml"), MANIFESTS.replace("RULE", rule).replace("JWKS", SOLO.jwks()));
        gateway = GatewayServer.start(ServeOptions.builder(folder)
                .upstreams(new ServeOptions.Upstreams(true, null, Map.of()))
                .forwardAuth(new ServeOptions.ForwardAuthOptions(
                        0, List.of("email", "level", "roles", "name", "evil", "absent")))
                .build());
    }
}
