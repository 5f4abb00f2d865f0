package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.testkit.TestKeyServer;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ExplainCommandTest {
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://id.example.com");
    private static final String MANIFESTS = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: llm}
            spec: {gatewayClassName: agentgateway, listeners: [{name: http, protocol: HTTP, port: 80}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: chat}
            spec:
              parentRefs: [{name: llm}]
              rules:
                - matches: [{path: {type: PathPrefix, value: /v1}}]
                  backendRefs: [{name: openai, port: 80}]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: public}
            spec:
              parentRefs: [{name: llm}]
              rules:
                - matches: [{path: {type: PathPrefix, value: /public}}]
                  backendRefs: [{name: openai, port: 80}]
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: guard}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: chat}]
              traffic:
                jwtAuthentication:
                  providers:
                    - issuer: https://id.example.com
                      jwks: JWKS
                authorization:
                  policy: {matchExpressions: ['jwt.sub == "alice" && llm.requestModel == "gpt-4.1-nano"']}
            """;

    @TempDir
    private Path folder;

    private String file = "";

    @BeforeEach
    void writeManifests() throws IOException {
        file = write(MANIFESTS.replace("JWKS", "{inline: '" + ISSUER.jwks() + "'}"));
    }

    private String write(String manifests) throws IOException {
        return Files.writeString(folder.resolve("policies.yaml"), manifests).toString();
    }

    private static Cli explain(String... args) {
        String[] all = new String[args.length + 1];
        all[0] = "explain";
        System.arraycopy(args, 0, all, 1, args.length);
        return Cli.run(all);
    }

    @Test
    void verifiesTheTokenOfACurlCommandAndNamesTheNearestCure() {
        String token = ISSUER.token().subject("bob").compact();
        Cli run = explain(
                "--file",
                file,
                "http://llm.example.com/v1/chat/completions",
                "-H",
                "Authorization: Bearer " + token,
                "-d",
                "{\"model\":\"gpt-4.1-nano\"}");

        assertThat(run.err()).isEmpty();
        assertThat(run.exit()).isZero();
        assertThat(run.out())
                .startsWith("deny 403 rule_not_matched\nno Allow expression held: " + file)
                .contains("\nHTTPRoute default/chat, rule rules[0], on Gateway default/llm, listener http\n")
                .contains("yes   signature: the key's")
                .contains("* jwt.sub == \"alice\" = false")
                .contains("it would be allowed with\n  claim `sub` \"alice\", not \"bob\"\n")
                .doesNotContain(token.split("\\.", -1)[0])
                .doesNotContain(token.split("\\.", -1)[2]);
    }

    @Test
    void decidesAsOfAnotherTime() {
        String token = ISSUER.token().expiresIn(Duration.ofHours(-1)).compact();
        String now = Instant.now().minus(Duration.ofHours(2)).toString();
        String[] request = {
            "--file",
            file,
            "http://llm/v1",
            "-H",
            "Authorization: Bearer " + token,
            "-d",
            "{\"model\":\"gpt-4.1-nano\"}"
        };
        assertThat(explain(request).out())
                .startsWith("deny 401 token_expired")
                .contains("  a fresh token: `exp` after ");
        String[] earlier = Arrays.copyOf(request, request.length + 2);
        earlier[request.length] = "--at";
        earlier[request.length + 1] = now;
        assertThat(explain(earlier).out()).startsWith("allow\n");
        assertThat(explain("--file", file, "http://llm/v1", "--at", "yesterday").err())
                .startsWith("--at: expected a time");
    }

    @Test
    void takesClaimsInPlaceOfATokenAndAnswersJson() {
        Cli run = explain(
                "--file", file, "http://llm/v1", "-X", "PUT", "--claims", "{\"sub\":\"alice\"}", "--format", "json");
        JsonNode answer = JsonMapper.shared().readTree(run.out());
        assertThat(answer.path("decision").asString()).isEqualTo("deny");
        assertThat(answer.path("place").asString()).startsWith("HTTPRoute default/chat");
        assertThat(answer.path("cures").path(0).path("text").asString())
                .isEqualTo("member `model` of the body \"gpt-4.1-nano\", which is absent");
    }

    @Test
    void findsTheWayThroughAnotherRoute() {
        Cli run = explain("--file", file, "http://llm/public/docs");
        assertThat(run.out())
                .startsWith("allow\n")
                .contains("HTTPRoute default/public")
                .contains("no policy applies");
        assertThat(explain("--file", file, "/public/docs").out()).contains("HTTPRoute default/public");
        assertThat(explain("--file", file, "http://llm/nowhere").out())
                .contains("no route takes it, 404 where allowed");
    }

    @Test
    void readsAnEntryOfAHarFile() throws IOException {
        String token = ISSUER.token().compact();
        Path har = Files.writeString(folder.resolve("a.har"), """
                {"log": {"entries": [{"request": {"method": "GET", "url": "data:,"}}, {"request": {"method": "POST", "url": "https://llm.example.com/v1/chat",
                 "headers": [{"name": ":authority", "value": "llm.example.com"},
                             {"name": "authorization", "value": "Bearer %s"}],
                 "postData": {"mimeType": "application/json", "text": "{\\"model\\":\\"gpt-5\\"}"}}}]}}
                """.formatted(token));
        Cli run = explain("--file", file, "--har", har.toString(), "--line", "2");
        assertThat(run.out())
                .startsWith("deny 403")
                .contains("  member `model` of the body \"gpt-4.1-nano\", not \"gpt-5\"\n");
        assertThat(explain("--file", file, "--har", har.toString(), "--line", "3")
                        .err())
                .isEqualTo("--line 3: there is no such line or entry; the file has 1\n");
    }

    @Test
    void readsALineAsDecideDoes() throws IOException {
        Path lines = Files.writeString(folder.resolve("a.ndjson"), """
                {"request": {"method": "GET", "uri": "/public"}}
                {"request": {"method": "GET", "uri": "/v1", "headers": []}, "claims": {"sub": "bob"}}
                """);
        assertThat(explain("--file", file, "--ndjson", lines.toString(), "--line", "2")
                        .out())
                .contains("it would be allowed with\n  claim `sub` \"alice\", not \"bob\"; and member `model`");
        assertThat(explain("--file", file).err()).isEqualTo("expected one request: a URL, --har or --ndjson\n");
    }

    @Test
    void fetchesKeysFromWhereItIsToldTo() throws IOException {
        try (TestKeyServer server = TestKeyServer.start()) {
            String jwks =
                    "{remote: {url: 'http://keys.example.com" + server.jwksUrl().getPath() + "'}}";
            String remote = write(MANIFESTS
                    .replace("JWKS", jwks)
                    .replace("https://id.example.com", server.issuer().issuer()));
            String token = server.issuer().token().compact();
            Cli run = explain(
                    "--file",
                    remote,
                    "--resolve",
                    "keys.example.com:80=127.0.0.1:" + server.port(),
                    "http://llm/v1",
                    "-H",
                    "Authorization: Bearer " + token,
                    "-d",
                    "{\"model\":\"gpt-4.1-nano\"}");
            assertThat(run.out()).startsWith("allow\n");
        }
    }
}
