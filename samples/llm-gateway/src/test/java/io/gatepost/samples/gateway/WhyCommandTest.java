package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.samples.gateway.server.GatewayServer;
import io.gatepost.samples.gateway.server.ServeOptions;
import io.gatepost.tools.token.TokenBuilder;
import io.gatepost.tools.token.TokenIssuer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WhyCommandTest {
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://id.example.com");
    private static final String MANIFESTS = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: llm}
            spec: {gatewayClassName: agentgateway, listeners: [{name: http, protocol: HTTP, port: 80}]}
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
              parentRefs: [{name: llm}]
              rules: [{backendRefs: [{name: openai, group: agentgateway.dev, kind: AgentgatewayBackend}]}]
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: guard}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: chat}]
              traffic:
                jwtAuthentication:
                  providers: [{issuer: 'https://id.example.com', audiences: [llm], jwks: {inline: '%s'}}]
                authorization:
                  policy: {matchExpressions: ['jwt.team == "red" && jwt.salary < 9000 && jwt.vip']}
            """.formatted(ISSUER.jwks());

    @TempDir
    private Path folder;

    private Path audit() {
        return folder.resolve("audit.ndjson");
    }

    /** Serves one request, and gives its answer. */
    private HttpResponse<String> ask(@Nullable TokenBuilder token, boolean explained) throws Exception {
        return ask(MANIFESTS, token, explained, "{\"messages\":[]}");
    }

    private HttpResponse<String> ask(String text, @Nullable TokenBuilder token, boolean explained, String body)
            throws Exception {
        Path manifests = Files.writeString(folder.resolve("gateway.yaml"), text);
        try (GatewayServer gateway = GatewayServer.start(ServeOptions.builder(manifests)
                .upstreams(new ServeOptions.Upstreams(true, null, Map.of()))
                .audit(new ServeOptions.AuditOptions(audit(), List.of("team"), explained))
                .build())) {
            HttpRequest.Builder request = HttpRequest.newBuilder(gateway.url().resolve("/v1/chat/completions"))
                    .POST(HttpRequest.BodyPublishers.ofString(body));
            if (token != null) {
                request.header("Authorization", "Bearer " + token.compact());
            }
            return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String id(HttpResponse<String> answer) {
        return answer.headers().firstValue("x-request-id").orElseThrow();
    }

    private Cli why(String id, String... more) {
        String[] args = {"why", id, "--audit", audit().toString()};
        String[] all = Arrays.copyOf(args, args.length + more.length);
        System.arraycopy(more, 0, all, args.length, more.length);
        return Cli.run(all);
    }

    @Test
    void explainsADenialToWhoKnowsItsId() throws Exception {
        HttpResponse<String> answer =
                ask(ISSUER.token().claim("aud", "llm").claim("team", "red").claim("salary", 47111), true);
        String id = id(answer);

        Cli why = why(id);
        assertThat(why.exit()).isZero();
        assertThat(why.out())
                .startsWith("deny 403 rule_not_matched\nno Allow expression held: ")
                .contains("\nrequest " + id + " at ")
                .contains("POST /v1/chat/completions, default/chat, subject \"alice\"\n")
                .contains("    jwtAuthentication Strict of default/guard  [")
                .contains("  yes   signature: the key's (expected the key's signature)")
                .contains("  NO  * Allow `jwt.team == \"red\" && jwt.salary < 9000 && jwt.vip`")
                .contains("jwt.team = \"red\"\n")
                .contains("* jwt.salary = <redacted>\n")
                .contains("* jwt.salary < 9000 = <redacted>\n")
                .endsWith(
                        "what it takes: another request or other claims: `why --file` finds which where the record holds"
                                + " enough, else `explain`, given the request\n");
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).as("the caller learns nothing but the id").doesNotContain("salary", "team", "red");
        assertThat(Files.readString(audit())).doesNotContain("47111");
        assertThat(why(id, "--format", "json").out()).startsWith("{\"decision\":\"deny\",\"status\":403,");
    }

    @Test
    void findsWhatWouldHaveAllowedWhereTheRecordHoldsEnough() throws Exception {
        String file = folder.resolve("gateway.yaml").toString();
        String missing = id(ask(null, true));
        assertThat(why(missing, "--file", file).out())
                .contains("token\n  NO  * credential: ")
                .contains(
                        "\nit would be allowed with\n  a signed JWT of `https://id.example.com` for the audience `llm`")
                .endsWith("what it takes: the above; what is not recorded of the request counted as absent\n");
        assertThat(why(missing, "--file", file, "--format", "json").out())
                .contains("\"cures\":[{\"text\":\"a signed JWT of ");

        String wrongTeam =
                id(ask(ISSUER.token().claim("aud", "llm").claim("team", "blue").claim("vip", true), true));
        assertThat(why(wrongTeam, "--file", file).out())
                .contains("it would be allowed with\n  ", "claim `team` \"red\", not \"blue\"");

        String expired = id(ask(ISSUER.token().claim("aud", "llm").expiresIn(Duration.ofMinutes(-5)), true));
        assertThat(why(expired, "--file", file).out())
                .as("what an unverified token said is not recorded")
                .endsWith("what it takes: a fresh token\n");
    }

    @Test
    void recordsNothingThatAnUnverifiedTokenSays() throws Exception {
        HttpResponse<String> answer = ask(
                ISSUER.token()
                        .claim("aud", "mallorys-audience")
                        .claim("team", "mallorys-team")
                        .subject("mallory")
                        .header("kid", "key-1")
                        .signedBy(TokenIssuer.of("https://mallory.example.com")),
                true);
        assertThat(why(id(answer)).out())
                .contains("NO  * signature: expected the key's signature; found another one")
                .contains("NO    aud: expected `llm`; found <redacted>")
                .endsWith("what it takes: the token as the issuer signed it\n");
        assertThat(Files.readString(audit())).doesNotContain("mallory");

        HttpResponse<String> foreign =
                ask(TokenIssuer.of("https://mallory.example.com").token().header("kid", "mallorys-key"), true);
        assertThat(why(id(foreign)).out())
                .contains("* provider: expected `iss` is `https://id.example.com`; found <red");
        assertThat(Files.readString(audit())).doesNotContain("mallory");

        HttpResponse<String> unknown = ask(ISSUER.token().header("kid", "mallorys-key"), true);
        assertThat(why(id(unknown)).out()).contains("* key: expected one of the issuer's keys; found <redacted>");
        assertThat(Files.readString(audit())).doesNotContain("mallory");
    }

    @Test
    void tellsWhatThereIsWhereExplanationsAreNotRecorded() throws Exception {
        HttpResponse<String> answer = ask(ISSUER.token().claim("aud", "llm"), false);
        assertThat(Files.readString(audit())).doesNotContain("explanation");
        assertThat(why(id(answer)).out())
                .startsWith("deny 403 rule_not_matched\ndecided by ")
                .contains("`jwt.team == \"red\" && jwt.salary < 9000 && jwt.vip` of default/guard\n");
        assertThat(why(id(ask(null, false))).out())
                .startsWith("deny 401 token_missing\ndecided by no rule; serve with --audit-explain records why\n")
                .endsWith("what it takes: a token of one of the providers\n");
    }

    @Test
    void blamesNoneOfSeveralAllowExpressions() throws Exception {
        String two =
                MANIFESTS.replaceFirst("matchExpressions: .*", "matchExpressions: ['jwt.team == \"red\"', 'jwt.vip']}");
        for (boolean explained : new boolean[] {true, false}) {
            HttpResponse<String> answer = ask(two, ISSUER.token().claim("aud", "llm"), explained, "{}");

            assertThat(why(id(answer)).out())
                    .startsWith("deny 403 rule_not_matched\nno Allow expression held of 2: ")
                    .contains("`jwt.team == \"red\"`", "`jwt.vip`");
        }
        assertThat(Files.readAllLines(audit()))
                .allSatisfy(line -> assertThat(line)
                        .contains("\"policy\":\"default/guard\"", "\"rules\":[{\"rule\":", "\"rules_count\":2")
                        .doesNotContain("\"rule_at\":\"\""));
    }

    @Test
    void tellsTheModelThatWasAskedForInPrintableCharacters() throws Exception {
        String reading =
                MANIFESTS.replaceFirst("matchExpressions: .*", "matchExpressions: ['llm.requestModel == \"small\"']}");
        String model = "gpt\\n\\u001b[31m\\u2028" + "x".repeat(20) + "-".repeat(20) + " ".repeat(500);
        HttpResponse<String> answer =
                ask(reading, ISSUER.token().claim("aud", "llm"), true, "{\"model\":\"" + model + "\"}");

        assertThat(why(id(answer)).out())
                .contains(", model \"gpt??[31m?" + "x".repeat(20), "...\", subject \"alice\"\n");
        assertThat(Files.readString(audit())).containsPattern("\"model\":\"[!-~]{259}\"");

        String unread = id(ask(ISSUER.token().claim("aud", "llm"), true));
        assertThat(why(unread).out()).as("nothing read the body").doesNotContain("model \"");
    }

    @Test
    void tellsOfWhatServeSawBehindATrustedProxy() throws Exception {
        String text = MANIFESTS.replace(
                "jwt.team == \"red\" && jwt.salary < 9000 && jwt.vip", "source.address == \"203.0.113.9\"");
        Path manifests = Files.writeString(folder.resolve("gateway.yaml"), text);
        String id;
        try (GatewayServer gateway = GatewayServer.start(ServeOptions.builder(manifests)
                .upstreams(new ServeOptions.Upstreams(true, null, Map.of()))
                .trustedProxies(TrustedProxies.of(List.of("127.0.0.1")))
                .audit(new ServeOptions.AuditOptions(audit(), List.of(), true))
                .build())) {
            HttpRequest request = HttpRequest.newBuilder(gateway.url().resolve("/v1/models"))
                    .header("X-Forwarded-For", "203.0.113.7")
                    .header(
                            "Authorization",
                            "Bearer " + ISSUER.token().claim("aud", "llm").compact())
                    .build();
            id = id(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()));
        }
        assertThat(why(id, "--file", manifests.toString()).out())
                .startsWith("deny 403 rule_not_matched\n")
                .contains("source.address = \"203.0.113.7\"");
    }

    @Test
    void saysThatThereIsNoSuchRequest() throws Exception {
        ask(null, true);
        Cli why = why("0b7a1d0e");
        assertThat(why.exit()).isEqualTo(1);
        assertThat(why.err()).startsWith("no record of request `0b7a1d0e`: ");
    }
}
