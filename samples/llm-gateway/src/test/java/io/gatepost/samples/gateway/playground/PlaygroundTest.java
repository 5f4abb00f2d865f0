package io.gatepost.samples.gateway.playground;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.samples.gateway.server.GatewayServer;
import io.gatepost.samples.gateway.server.ServeOptions;
import io.gatepost.samples.gateway.server.ServeOptions.Listen;
import io.gatepost.testkit.TestKeyServer;
import io.gatepost.tools.token.TokenIssuer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What the page asks, and what others may not. */
@Timeout(120)
class PlaygroundTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TokenIssuer ISSUER = TokenIssuer.of("solo.io");
    private static final String POLICY = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: only-alice}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: chat}]
              traffic:
                jwtAuthentication:
                  providers: [{issuer: solo.io, jwks: JWKS}]
                authorization: {policy: {matchExpressions: ['jwt.sub == "alice"']}}
            """;
    private static final String INLINE = "{inline: '" + ISSUER.jwks() + "'}";
    private static final String BOB = ISSUER.token().subject("bob").compact();

    @TempDir
    private Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private @Nullable GatewayServer gateway;
    private int port;

    @BeforeEach
    void serve() throws IOException {
        start(Set.of("gateway.internal"));
    }

    private void start(@Nullable Set<String> playgroundHosts) throws IOException {
        stop();
        Files.writeString(folder.resolve("policy.yaml"), POLICY.replace("JWKS", INLINE));
        while (gateway == null) {
            gateway = onAFreePort(playgroundHosts);
        }
    }

    /** Null where another took the port in between. */
    private @Nullable GatewayServer onAFreePort(@Nullable Set<String> playgroundHosts) throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        try {
            return GatewayServer.start(ServeOptions.builder(folder)
                    .listen(new Listen("127.0.0.1", 0, port))
                    .playgroundHosts(playgroundHosts)
                    .build());
        } catch (RuntimeException problem) {
            if (problem.getCause() instanceof BindException) {
                return null;
            }
            throw problem;
        }
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
            gateway = null;
        }
    }

    @Test
    void explainsARefusalWithWhatWouldAllowTheRequest() throws Exception {
        JsonNode answer = decide(INLINE, null, Map.of("sub", "bob"));

        assertThat(answer.path("decision").asString()).isEqualTo("deny");
        assertThat(answer.path("status").asInt()).isEqualTo(403);
        assertThat(answer.path("reason").asString()).isEqualTo("rule_not_matched");
        assertThat(answer.path("diagnostics")).isEmpty();
        assertThat(answer.path("cures").get(0).path("text").asString()).contains("alice");
        assertThat(answer.path("tree").toString()).contains("jwt.sub").contains("\"decisive\":true");
    }

    @Test
    void tellsWhatIsProbablyAMistakeUntilItIsAccepted() throws Exception {
        String policy = POLICY.replace("JWKS", INLINE).replace("jwt.sub == \"alice\"", "jwt.scope.contains(\"chat\")");

        JsonNode findings =
                JSON.readTree(post(question(policy, null, Map.of())).body()).path("findings");
        JsonNode found = findings.valueStream()
                .filter(finding -> finding.path("rule").asString().equals("substring-test"))
                .findFirst()
                .orElseThrow();
        assertThat(found.path("level").asString()).isEqualTo("warning");
        assertThat(found.path("line").asInt()).isEqualTo(9);
        assertThat(found.path("cure").asString()).contains("scopes(jwt)");
        assertThat(findings.toString()).contains("no-audience");

        String accepted = policy.stripTrailing() + " # lint: accept substring-test (one scope only)\n";
        assertThat(post(question(accepted, null, Map.of())).body()).doesNotContain("substring-test");
    }

    @Test
    void allowsWhatTheEngineAllows() throws Exception {
        assertThat(decide(INLINE, null, Map.of("sub", "alice")).path("decision").asString())
                .isEqualTo("allow");
    }

    @Test
    void verifiesARealTokenByKeysInThePolicyAndEchoesNoneOfIt() throws Exception {
        JsonNode answer = decide(INLINE, BOB, null);

        assertThat(answer.path("reason").asString()).isEqualTo("rule_not_matched");
        assertThat(answer.toString()).doesNotContain(BOB).doesNotContain(BOB.substring(BOB.lastIndexOf('.')));
    }

    @Test
    void tellsTheChallengeThatAClientGets() throws Exception {
        assertThat(decide(INLINE, null, null).path("challenge").asString()).startsWith("Bearer");
    }

    @Test
    void pointsAtWhatIsWrong() throws Exception {
        JsonNode found = decide("{inline: 7}", null, null).path("diagnostics").get(0);
        JsonNode misspelt = JSON.readTree(
                        post(question(POLICY.replace("JWKS", INLINE).replace("jwt.sub", "jvt.sub"), null, null))
                                .body())
                .path("diagnostics")
                .get(0);

        assertThat(found.path("line").asInt()).isEqualTo(8);
        assertThat(found.path("severity").asString()).isEqualTo("error");
        assertThat(misspelt.path("line").asInt()).isEqualTo(9);
        assertThat(misspelt.path("message").asString()).contains("did you mean `jwt`?");
    }

    @Test
    void offersTheNamesOfExpressions() throws Exception {
        HttpResponse<String> response = get("catalogue.json");

        assertThat(response.headers().firstValue("content-type")).contains("application/json");
        assertThat(JSON.readTree(response.body())
                        .valueStream()
                        .map(entry -> entry.path("name").asString()))
                .contains("request.path", "startsWith", "jwt");
    }

    @Test
    void asksNoKeyServerThatAPolicyOfThePageNames() throws Exception {
        try (TestKeyServer keys = TestKeyServer.start()) {
            JsonNode answer = decide("{remote: {url: '" + keys.jwksUrl() + "'}}", BOB, null);

            assertThat(answer.path("decision").asString()).isEqualTo("deny");
            assertThat(answer.path("diagnostics").toString()).contains("asks no server for keys");
            assertThat(decide("{remote: {url: '" + keys.jwksUrl() + "'}}", null, Map.of("sub", "alice"))
                            .path("decision")
                            .asString())
                    .isEqualTo("allow");
            assertThat(keys.fetches()).isZero();
        }
    }

    @Test
    void readsNoFileThatAPolicyOfThePageNames() throws Exception {
        Path keys = Files.writeString(folder.resolve("keys.jwks"), ISSUER.jwks());
        String alice = ISSUER.token().subject("alice").compact();

        JsonNode answer = decide("{file: '" + keys + "'}", alice, null);

        assertThat(answer.path("decision").asString()).isEqualTo("deny");
        assertThat(answer.path("diagnostics").toString()).contains("reads no file");
    }

    @Test
    void tellsNoDifferenceBetweenFilesThatExistAndThatDoNot() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret.jwks"), "not keys");

        String present = decide("{file: '" + secret + "'}", BOB, null).toString();
        String absent = decide("{file: '" + secret.resolveSibling("absent.jwks") + "'}", BOB, null)
                .toString();

        assertThat(absent.replace("absent.jwks", "secret.jwks")).isEqualTo(present);
    }

    @Test
    void endsASearchThatTakesTooLong() throws Exception {
        String nested = "jwt.a.exists(x, jwt.a.exists(y, jwt.a.exists(z, x == y && y == z && z == \"q\")))";
        String policy = POLICY.replace("JWKS", INLINE).replace("jwt.sub == \"alice\"", nested);
        List<String> values = IntStream.range(0, 30).mapToObj(i -> "v" + i).toList();

        JsonNode answer =
                JSON.readTree(post(question(policy, null, Map.of("a", values))).body());

        assertThat(answer.path("decision").asString()).isEqualTo("deny");
        assertThat(answer.path("tree").size()).isPositive();
    }

    private static final String ROUTES = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: llm}
            spec: {gatewayClassName: x, listeners: [{name: http, protocol: HTTP, port: 80}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: chat}
            spec: {parentRefs: [{name: llm}], hostnames: [chat.test], rules: [{}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: admin}
            spec: {parentRefs: [{name: llm}], hostnames: [admin.test], rules: [{}]}
            ---
            """;

    private static String rule(String route, String rule) {
        return """
                apiVersion: agentgateway.dev/v1alpha1
                kind: AgentgatewayPolicy
                metadata: {name: NAME}
                spec:
                  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: NAME}]
                  traffic: {authorization: {action: Require, policy: {matchExpressions: ['RULE']}}}
                ---
                """.replace("NAME", route).replace("RULE", rule);
    }

    private JsonNode ask(String policy, String uri, Map<String, String> more, @Nullable String source)
            throws Exception {
        ObjectNode question = JSON.createObjectNode().put("policy", policy);
        more.forEach(question::put);
        ObjectNode request = question.putObject("request").put("method", "GET").put("uri", uri);
        if (source != null) {
            request.put("sourceAddress", source);
        }
        return JSON.readTree(post(question.toString()).body());
    }

    @Test
    void decidesAsOfAnInstantAndForAClientAddress() throws Exception {
        String policy =
                rule("chat", "request.startTime.getHours() == 11 && cidr(\"10.0.0.0/8\").containsIP(source.address)");

        assertThat(ask(policy, "/", Map.of("at", "2026-11-25T12:00:00+01:00"), "10.1.2.3")
                        .path("decision")
                        .asString())
                .isEqualTo("allow");
        for (JsonNode other : List.of(
                ask(policy, "/", Map.of("at", "2026-11-25T12:00:00Z"), "10.1.2.3"),
                ask(policy, "/", Map.of("at", "2026-11-25T11:00:00Z"), "203.0.113.7"))) {
            assertThat(other.path("reason").asString()).isEqualTo("rule_not_matched");
        }
        assertThat(ask(policy, "/", Map.of("at", "noon"), null).path("problem").asString())
                .contains("at: expected a time");
        assertThat(ask(policy, "/", Map.of(), "here").path("problem").asString())
                .contains("request.sourceAddress: expected an IP address");
        assertThat(ask(policy, "/", Map.of("rout", "chat"), null)
                        .path("problem")
                        .asString())
                .contains("rout: unknown member");
    }

    @Test
    void routesAsTheGatewayWouldAndNeverGuesses() throws Exception {
        String policies = rule("chat", "true") + rule("admin", "false");

        assertThat(ask(ROUTES + policies, "http://chat.test/", Map.of(), null)
                        .path("decision")
                        .asString())
                .isEqualTo("allow");
        assertThat(ask(ROUTES + policies, "http://admin.test/", Map.of(), null)
                        .path("reason")
                        .asString())
                .isEqualTo("rule_not_matched");
        assertThat(ask(ROUTES + policies, "http://other.test/", Map.of(), null)
                        .path("status")
                        .asInt())
                .isEqualTo(404);
        assertThat(ask(ROUTES + policies, "/", Map.of(), null).path("problem").asString())
                .contains("names no host, and could be one to");
        assertThat(ask(ROUTES + policies, "/", Map.of("route", "chat"), null)
                        .path("decision")
                        .asString())
                .isEqualTo("allow");
    }

    @Test
    void goesByTargetsWhereThePageHasNoGateway() throws Exception {
        String policies = rule("chat", "true") + rule("admin", "false");

        assertThat(ask(policies, "/", Map.of(), null).path("problem").asString())
                .contains("the policies have different targets", "name a route");
        assertThat(ask(policies, "/", Map.of("route", "chat"), null)
                        .path("decision")
                        .asString())
                .isEqualTo("allow");
        assertThat(ask(policies, "/", Map.of("route", "admin"), null)
                        .path("decision")
                        .asString())
                .isEqualTo("deny");
        assertThat(ask(policies, "/", Map.of("route", "other"), null)
                        .path("problem")
                        .asString())
                .contains("no policy is for HTTPRoute `other`");
        String gateway = rule("llm", "true").replace("HTTPRoute", "Gateway");
        assertThat(ask(policies + gateway, "/", Map.of("route", "chat"), null)
                        .path("problem")
                        .asString())
                .contains("may guard `chat` or not");
    }

    @Test
    void refusesWhatTheGatewayRefusesAtItsDoor() throws Exception {
        JsonNode answer = ask(rule("chat", "true"), "http://a.test/v1//x", Map.of(), null);

        assertThat(answer.path("decision").asString()).isEqualTo("deny");
        assertThat(answer.path("status").asInt()).isEqualTo(400);
    }

    @Test
    void refusesALongQuestion() throws Exception {
        assertThat(post("\"" + "x".repeat(Playground.MAX_BYTES) + "\"").statusCode())
                .isEqualTo(413);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[", "\u0000"})
    void refusesWhatIsNoJson(String body) throws Exception {
        assertThat(post(body).statusCode()).isBetween(200, 400);
        assertThat(post(body).body()).doesNotContain("Exception");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[]", "7", "{}", "{\"request\":{}}", "{\"policy\":{},\"request\":[],\"claims\":7}"})
    void saysWhatAQuestionLacks(String body) throws Exception {
        HttpResponse<String> answer = post(body);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(JSON.readTree(answer.body()).path("problem").asString()).contains("expected an object");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"})
    void refusesWhatAFormOfAnotherPageCouldSend(String type) throws Exception {
        HttpResponse<String> answer = client.send(
                request("api/decide")
                        .header("Content-Type", type)
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(415);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://evil.example", "null", "http://localhost:1", "http://127.0.0.1.evil.example"})
    void refusesQuestionsOfOtherOrigins(String origin) throws Exception {
        HttpResponse<String> answer = client.send(
                request("api/decide")
                        .header("Content-Type", "application/json")
                        .header("Origin", origin)
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, 200",
        "127.0.0.1:9901, 200",
        "[::1]:9901, 200",
        "Gateway.internal, 200",
        "evil.example, 403",
        "localhost.evil.example, 403",
        "127.0.0.1.evil.example, 403",
        "0.0.0.0, 403",
        "evil.example:9901, 403"
    })
    void answersUnderItsOwnNamesOnly(String host, int status) throws Exception {
        assertThat(statusFor(host, "/playground/")).isEqualTo(status);
        assertThat(statusFor(host, "/livez")).isEqualTo(200);
    }

    @Test
    void protectsThePageAgainstScriptsAndFramesOfOthers() throws Exception {
        HttpResponse<String> page = get("");

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(page.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(page.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
        assertThat(page.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
        assertThat(page.body()).doesNotContain("http://", "https://", "<style", " style=", " onclick=");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Playground.class", "%2e%2e/Main.class", "../policies", "api/decide"})
    void givesNothingElseAway(String path) throws Exception {
        assertThat(get(path).statusCode()).isIn(404, 405);
    }

    @Test
    void answersAsItsDocumentationSays() throws Exception {
        String documentation = Files.readString(Path.of("../../docs/playground.md"));
        Matcher blocks = Pattern.compile("(?s)```json\n(.*?)```").matcher(documentation);

        assertThat(blocks.find()).isTrue();
        JsonNode answer = JSON.readTree(post(blocks.group(1)).body());
        assertThat(blocks.find()).isTrue();
        JsonNode expected = JSON.readTree(blocks.group(1));

        assertThat(expected.size()).isEqualTo(4);
        expected.forEachEntry((name, value) -> assertThat(answer.path(name)).isEqualTo(value));
        assertThat(answer.propertyNames()).contains("summary", "tree", "cures");
        assertThat(documentation).contains(Playground.MAX_BYTES / 1024 + " KiB");
    }

    @Test
    void isNotThereUnlessAskedFor() throws Exception {
        start(null);

        assertThat(get("").statusCode()).isEqualTo(404);
        assertThat(post("{}").statusCode()).isEqualTo(404);
    }

    private JsonNode decide(String jwks, @Nullable String token, @Nullable Map<String, Object> claims)
            throws Exception {
        HttpResponse<String> answer = post(question(POLICY.replace("JWKS", jwks), token, claims));
        assertThat(answer.statusCode()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private static String question(String policy, @Nullable String token, @Nullable Map<String, Object> claims) {
        var question = JSON.createObjectNode().put("policy", policy);
        var request = question.putObject("request").put("method", "POST").put("uri", "/v1/chat/completions");
        if (token != null) {
            request.putArray("headers").addArray().add("Authorization").add("Bearer " + token);
        }
        if (claims != null) {
            question.set("claims", JSON.valueToTree(claims));
        }
        return question.toString();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/playground/" + path));
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String body) throws Exception {
        return client.send(
                request("api/decide")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** A client that says any Host, as a browser does whose name server was turned. */
    private int statusFor(String host, String path) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            String head = "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            String status = new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
            return Integer.parseInt(status.split(" ", 3)[1]);
        }
    }
}
