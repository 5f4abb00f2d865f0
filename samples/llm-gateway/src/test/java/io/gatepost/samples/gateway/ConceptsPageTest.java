package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.PolicyTarget;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Keeps docs/concepts.md true: its example has the effective policy and the decisions that it shows. */
class ConceptsPageTest {
    private static final Path PAGE = Path.of("..", "..", "docs", "concepts.md");
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    private Path folder;

    private Markdown page = new Markdown(List.of());
    private String file = "";

    @BeforeEach
    void readPage() throws IOException {
        page = Markdown.read("docs/concepts.md");
        file = Files.writeString(folder.resolve("policies.yaml"), page.only("yaml"))
                .toString();
    }

    @Test
    void printsTheEffectivePolicyAsShown() {
        Cli run = Cli.run("effective", "--file", file);

        assertThat(run.err()).isEmpty();
        assertThat(run.out().replace(file, "policies.yaml")).isEqualTo(page.only("text"));
    }

    @TestFactory
    Stream<DynamicTest> decidesAsShown() throws IOException {
        List<List<String>> rows = Files.readString(PAGE)
                .lines()
                .dropWhile(line -> !line.startsWith("| method and path |"))
                .skip(2)
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> Arrays.stream(line.replace("`", "").split("\\|", -1))
                        .skip(1)
                        .map(String::strip)
                        .toList())
                .toList();
        assertThat(rows).hasSize(5);
        return rows.stream()
                .map(row -> dynamicTest(
                        row.get(0) + " " + row.get(1),
                        () -> assertThat(decision(row.get(0), row.get(1))).isEqualTo(row.get(2))));
    }

    @Test
    void reportsTheShadowThatWouldRefuse() {
        TokenIssuer issuer = TokenIssuer.of("https://id.example.com");
        String keys = "jwks: {inline: '" + issuer.jwks() + "'}";
        List<TrafficPolicy> policies = PolicyReader.parse(
                "policies.yaml", page.only("yaml").replaceAll("jwks: \\{inline: .*", Matcher.quoteReplacement(keys)));
        PolicyRequest request = PolicyRequest.builder("POST", "/v1/chat/completions")
                .header(
                        "Authorization",
                        "Bearer " + issuer.token().claim("team", "research").compact())
                .build();
        try (PolicyEngine engine = PolicyEngine.builder()
                .policies(policies)
                .forTarget(PolicyTarget.parse("Gateway/llm"), PolicyTarget.parse("HTTPRoute/chat"))
                .expressions(new CelExpressionCompiler())
                .build()) {
            Decision decision = engine.decide(request);

            assertThat(decision).isInstanceOf(Decision.Allow.class);
            assertThat(decision.explanation().shadows())
                    .extracting(shadow -> shadow.policy() + " " + shadow.reason())
                    .containsExactly("default/scope-needed " + DenyReason.RULE_NOT_MATCHED);
        }
    }

    private String decision(String methodAndPath, String claims) {
        String[] request = methodAndPath.split(" ", 2);
        String token = claims.equals("no token") ? "" : ", \"claims\": " + claims;
        String line = "{\"id\": 1, \"request\": {\"method\": \"%s\", \"uri\": \"%s\", \"headers\": []}%s}"
                .formatted(request[0], request[1], token);
        Cli run = Cli.runWithInput(line, "decide", "--ndjson", "--file", file);
        JsonNode answer = JSON.readTree(run.out());
        String decision = answer.get("decision").asString();
        return decision.equals("allow")
                ? decision
                : "deny, " + answer.get("status") + " "
                        + answer.get("reason").asString().toUpperCase(Locale.ROOT);
    }
}
