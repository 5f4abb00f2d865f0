package io.gatepost.samples.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.samples.gateway.server.GatewayServer;
import io.gatepost.samples.gateway.server.ServeOptions;
import io.gatepost.samples.gateway.server.ServeOptions.AuditOptions;
import io.gatepost.samples.gateway.server.ServeOptions.Upstreams;
import io.gatepost.testkit.ScriptedUpstream;
import io.gatepost.testkit.WireClient;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code decide} says of each line what {@code serve} does with its request behind its policies. Lines of a file in the
 * system property {@code agreement.decide} are asked instead of the project's own; those that no server can be sent
 * (given claims, variables, another time or address, a control character within a header) are left out.
 */
class DecidedAsServedTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://issuer.test");
    private static final String GATEWAY = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: gateway}
            spec: {gatewayClassName: x, listeners: [{name: http, protocol: HTTP, port: 80}]}
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayBackend
            metadata: {name: openai}
            spec: {ai: {provider: {openai: {}}}}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: all}
            spec:
              parentRefs: [{name: gateway}]
              rules: [{backendRefs: [{name: openai, group: agentgateway.dev, kind: AgentgatewayBackend}]}]
            """;

    @TempDir
    private Path folder;

    /** What came of a request; the status {@code 0} where the policies do not load. */
    private record Outcome(int status, String reason) {
        boolean agrees(Outcome other) {
            // What a parser refuses has no reason in the audit log.
            return status == other.status && (reason.isEmpty() || reason.equals(other.reason));
        }
    }

    private static List<ObjectNode> own() {
        List<ObjectNode> lines = new ArrayList<>();
        String policy = """
                {"apiVersion": "agentgateway.dev/v1alpha1", "kind": "AgentgatewayPolicy", "metadata": {"name": "p"},
                 "spec": {"targetRefs": [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "gateway"}],
                  "traffic": {
                   "jwtAuthentication": {"providers":
                     [{"issuer": "https://issuer.test", "audiences": ["llm"], "jwks": {"inline": "JWKS"}}]},
                   "authorization": {"action": "Require", "policy": {"matchExpressions":
                     ["jwt.sub == 'alice'", "request.path.startsWith('/v1/')", "llm.requestModel != 'gpt-5-pro'"]}}}}}
                """.replace("JWKS", ISSUER.jwks().replace("\"", "\\\""));
        String good = ISSUER.token().subject("alice").claim("aud", "llm").compact();
        String bob = ISSUER.token().subject("bob").claim("aud", "llm").compact();
        String expired = ISSUER.token()
                .subject("alice")
                .claim("aud", "llm")
                .expiresIn(Duration.ofHours(-1))
                .compact();
        for (String token : List.of(good, bob, expired, good + "x", "none")) {
            for (String uri :
                    List.of("http://a.test/v1/x", "http://a.test/v2", "http://a.test/v1/../x", "http://a.test/v1//x")) {
                for (String body : List.of("{\"model\": \"gpt-5\"}", "{\"model\": \"gpt-5-pro\"}", "{")) {
                    lines.add(line(policy, uri, token, body));
                }
            }
        }
        lines.add(line(policy.replace("Require", "Demand"), "http://a.test/v1/x", good, "{}"));
        lines.add(line(policy.replace("jwt.sub ==", "jwt.sub ="), "http://a.test/v1/x", good, "{}"));
        return lines;
    }

    private static ObjectNode line(String policy, String uri, String token, String body) {
        ObjectNode line = JSON.createObjectNode();
        line.putArray("policies").add(JSON.readTree(policy));
        ObjectNode request = line.putObject("request");
        request.put("method", "POST").put("uri", uri).put("body", body);
        ArrayNode headers = request.putArray("headers");
        headers.addArray().add("Content-Type").add("application/json");
        headers.addArray().add("Authorization").add("Bearer " + token);
        return line;
    }

    private static List<ObjectNode> lines() throws IOException {
        String elsewhere = System.getProperty("agreement.decide");
        if (elsewhere == null) {
            return own();
        }
        return Files.readAllLines(Path.of(elsewhere)).stream()
                .map(line -> (ObjectNode) JSON.readTree(line))
                .filter(DecidedAsServedTest::canBeSent)
                .toList();
    }

    private static boolean canBeSent(JsonNode line) {
        boolean alone = Stream.of("claims", "variables", "at").noneMatch(line::hasNonNull);
        String head = line.at("/request/method").asString("")
                + line.at("/request/uri").asString("")
                + Stream.concat(
                                line.at("/request/headers").valueStream().map(header -> header.path(0)),
                                line.at("/request/headers").valueStream().map(header -> header.path(1)))
                        .map(part -> part.asString(""))
                        .toList();
        return alone
                && line.hasNonNull("policies")
                && !line.path("request").hasNonNull("sourceAddress")
                && head.chars().allMatch(c -> (c >= ' ' || c == '\t') && c <= 0xff);
    }

    @Test
    void decideSaysWhatServeDoes() throws Exception {
        List<ObjectNode> lines = lines();
        lines.forEach(line -> complete((ObjectNode) line.path("request")));
        List<Outcome> decided = decided(lines);
        List<String> differences = new ArrayList<>();
        Map<JsonNode, List<Integer>> byPolicies = new LinkedHashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            byPolicies
                    .computeIfAbsent(lines.get(i).path("policies"), any -> new ArrayList<>())
                    .add(i);
        }
        for (Map.Entry<JsonNode, List<Integer>> one : byPolicies.entrySet()) {
            List<ObjectNode> asked = one.getValue().stream().map(lines::get).toList();
            List<Outcome> served = served(one.getKey(), asked);
            for (int i = 0; i < served.size(); i++) {
                int number = one.getValue().get(i);
                if (!served.get(i).agrees(decided.get(number))) {
                    differences.add(lines.get(number).path("id").asString("line " + number) + ": serve " + served.get(i)
                            + ", decide " + decided.get(number));
                }
            }
        }
        assertThat(differences).as("of " + lines.size() + " lines").isEmpty();
        assertThat(decided).extracting(Outcome::status).contains(200, 401);
    }

    /** Whatever comes to a server has an address and asks for a host. */
    private static void complete(ObjectNode request) {
        request.put("sourceAddress", "127.0.0.1");
        boolean named = request.path("headers")
                .valueStream()
                .anyMatch(header -> header.path(0).asString("").equalsIgnoreCase("host"));
        String uri = request.path("uri").asString("");
        if (uri.startsWith("/") && !named) {
            request.put("uri", "http://a.test" + uri);
        }
    }

    private static List<Outcome> decided(List<ObjectNode> lines) {
        StringBuilder input = new StringBuilder();
        lines.forEach(line -> input.append(JSON.writeValueAsString(line)).append('\n'));
        return Cli.runWithInput(input.toString(), "decide", "--ndjson")
                .out()
                .lines()
                .map(JSON::readTree)
                .map(answer -> new Outcome(
                        answer.path("decision").asString("").equals("allow")
                                ? 200
                                : answer.path("status").asInt(0),
                        answer.path("reason").asString("")))
                .toList();
    }

    private List<Outcome> served(JsonNode policies, List<ObjectNode> lines) throws IOException {
        StringBuilder manifests = new StringBuilder(GATEWAY);
        for (JsonNode policy : policies) {
            manifests.append("---\n").append(JSON.writeValueAsString(policy)).append('\n');
        }
        Path file = Files.writeString(folder.resolve("gateway.yaml"), manifests);
        Path audit = folder.resolve("audit.ndjson");
        Files.deleteIfExists(audit);
        List<WireClient.Response> answers = new ArrayList<>();
        try (ScriptedUpstream upstream = ScriptedUpstream.start(
                        ScriptedUpstream.always(ScriptedUpstream.response("200 OK", "", "X-Upstream: yes")));
                GatewayServer gateway = GatewayServer.start(ServeOptions.builder(file)
                        .upstreams(new Upstreams(false, upstream.base(), Map.of()))
                        .audit(new AuditOptions(audit, List.of(), false))
                        .build())) {
            for (ObjectNode line : lines) {
                answers.add(answer(line.path("request"), gateway.url().getPort()));
            }
        } catch (InvalidPolicyException invalid) {
            return lines.stream().map(line -> new Outcome(0, "")).toList();
        }
        Map<String, String> reasons = new LinkedHashMap<>();
        for (String record : Files.readAllLines(audit)) {
            JsonNode read = JSON.readTree(record);
            reasons.put(
                    read.path("request_id").asString(""), read.path("reason").asString(""));
        }
        return answers.stream()
                .map(answer -> new Outcome(
                        answer.status(),
                        reasons.getOrDefault(String.valueOf(answer.head().value("X-Request-Id")), "")))
                .toList();
    }

    private static WireClient.Response answer(JsonNode request, int port) throws IOException {
        String method = request.path("method").stringValue();
        String uri = request.path("uri").stringValue();
        String path = uri.replaceFirst("^https?://[^/?#]*", "");
        String host = uri.equals(path) ? "" : uri.substring(uri.indexOf("//") + 2, uri.length() - path.length());
        byte[] body = request.path("body").asString("").getBytes(UTF_8);
        List<String> headers = new ArrayList<>();
        for (JsonNode header : request.path("headers")) {
            headers.add(header.path(0).stringValue() + ": " + header.path(1).stringValue());
        }
        List<String> names = headers.stream()
                .map(header -> header.toLowerCase(Locale.ROOT).split(":", 2)[0])
                .toList();
        if (!host.isEmpty() && !names.contains("host")) {
            headers.add("Host: " + host);
        }
        if (request.hasNonNull("body") && !names.contains("content-length") && !names.contains("transfer-encoding")) {
            headers.add("Content-Length: " + body.length);
        }
        try (WireClient client = WireClient.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            client.head(
                    method + " " + (path.startsWith("?") || path.isEmpty() ? "/" + path : path) + " HTTP/1.1",
                    headers.toArray(String[]::new));
            client.send(body);
            return method.equals("HEAD") ? client.responseToHead() : client.response();
        }
    }
}
