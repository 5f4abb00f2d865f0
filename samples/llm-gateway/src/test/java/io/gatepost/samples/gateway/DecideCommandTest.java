package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class DecideCommandTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    private Path folder;

    @Test
    void answersByThePoliciesOfTheLine() {
        JsonNode allowed = decide(line("jwt.sub == 'alice'").put("id", "a").set("claims", claims("alice")));
        JsonNode denied = decide(line("jwt.sub == 'alice'").put("id", 2).set("claims", claims("bob")));

        assertThat(allowed.path("id").asString()).isEqualTo("a");
        assertThat(allowed.path("decision").asString()).isEqualTo("allow");
        assertThat(allowed.path("claims").path("sub").asString()).isEqualTo("alice");
        assertThat(denied.path("id").asInt()).isEqualTo(2);
        assertThat(denied.path("decision").asString()).isEqualTo("deny");
        assertThat(denied.path("status").asInt()).isEqualTo(403);
        assertThat(denied.path("reason").asString()).isEqualTo("rule_not_matched");
        assertThat(denied.has("claims")).isFalse();
        assertThat(denied.path("explanation")
                        .path("rules")
                        .path(0)
                        .path("expression")
                        .asString())
                .isEqualTo("jwt.sub == 'alice'");
    }

    @Test
    void answersByThePoliciesOfAFile() throws IOException {
        Path file = Files.writeString(folder.resolve("p.json"), policy("request.method == 'GET'"));
        String lines = "{\"id\":1,\"request\":{\"method\":\"GET\",\"uri\":\"/\",\"headers\":[]}}\n\n"
                + "{\"id\":2,\"request\":{\"method\":\"POST\",\"uri\":\"/\",\"headers\":[]}}";

        Cli run = Cli.runWithInput(lines, "decide", "--file", file.toString(), "--ndjson");

        assertThat(run.exit()).isZero();
        assertThat(run.out()
                        .lines()
                        .map(line -> JSON.readTree(line).path("decision").asString()))
                .containsExactly("allow", "deny");
    }

    @Test
    void refusesFilesThatDoNotLoadAndSaysWhere() throws IOException {
        Path file = Files.writeString(folder.resolve("p.json"), policy("jwt.sub.endWith('x')"));

        Cli run = Cli.runWithInput("{\"id\":1}", "decide", "--file", file.toString(), "--ndjson");

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith(file + ":1:").contains("`endWith`").hasLineCount(1);
    }

    @Test
    void printsTheSameBytesForTheSameInput() {
        String lines = List.of(
                        "jwt.sub == 'alice'",
                        "has(jwt.x)",
                        "request.path == '/' && jwt.org == {}",
                        "request.startTime == timestamp('2020-01-01T00:00:00Z')")
                .stream()
                .map(rule -> line(rule)
                        .set(
                                "claims",
                                claims("bob")
                                        .set(
                                                "org",
                                                JSON.createObjectNode()
                                                        .put("c", 1)
                                                        .put("a", 2)
                                                        .put("b", 3)))
                        .toString())
                .collect(Collectors.joining("\n"));

        assertThat(Cli.runWithInput(lines, "decide", "--ndjson").out())
                .isEqualTo(Cli.runWithInput(lines, "decide", "--ndjson").out())
                .hasLineCount(4);
    }

    @Test
    void explainsWhatThePartsOfTheDecidingExpressionCameTo() {
        JsonNode rule = decide(line("jwt.sub == 'alice' || jwt.email == 'x'")
                        .set("claims", JSON.createObjectNode().put("sub", "bob").put("email", "bob@example.com")))
                .path("explanation")
                .path("rules")
                .path(0);

        assertThat(rule.path("position").asString()).startsWith("policies[0]:1:");
        assertThat(rule.path("value").asBoolean(true)).isFalse();
        assertThat(rule.path("parts").path("jwt.sub").asString()).isEqualTo("\"bob\"");
        assertThat(rule.path("parts").path("jwt.email").asString()).isEqualTo("<redacted>");
    }

    @Test
    void explainsAnErrorInsteadOfAValue() {
        JsonNode rule = decide(line("jwt.team == 'x'").set("claims", claims("bob")))
                .path("explanation")
                .path("rules")
                .path(0);

        assertThat(rule.path("error").asString()).isEqualTo("`team` is absent");
        assertThat(rule.has("value")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "jwt.sub.endWith('x'), policies[0]:1:",
        "jwt.sub + 'x', expected a boolean",
        "response.code == 200, has no value yet"
    })
    void saysWhyAPolicyDoesNotLoad(String rule, String message) {
        JsonNode answer = decide(line(rule));

        assertThat(answer.path("error").path("stage").asString()).isEqualTo("load");
        assertThat(answer.path("error").path("message").asString()).contains(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[]", "{\"id\":7}", "{\"id\":7,\"request\":{\"method\":1}}", "7"})
    void answersALineThatItCanNotReadAndGoesOn(String line) {
        Cli run = Cli.runWithInput(line + "\n" + line("true"), "decide", "--ndjson");

        List<String> answers = run.out().lines().toList();
        assertThat(answers).hasSize(2);
        assertThat(answers.get(0)).contains("\"error\"");
        assertThat(answers.get(1)).contains("\"allow\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"model\":\"a\"}|allow|0",
                "{\"model\":\"b\"}|deny|403",
                "{\"model\":\"a\",\"model\":\"b\"}|deny|400",
                "{\"model\":\"a\"|deny|403",
                "not json|deny|403",
                "[{\"model\":\"a\"}]|deny|403",
                "{\"model\":\"a\"} {}|deny|403",
                "{\"model\":\"a\",\"x\":{\"y\":1,\"y\":2}}|deny|400",
                "{\"model\":\"a\",\"mod\\u0065l\":\"b\"}|deny|400",
                "{\"model\":[\"a\"]}|deny|403"
            })
    void judgesTheModelOfTheBody(String body, String decision, int status) {
        ObjectNode line = line("llm.requestModel == 'a'");
        ((ObjectNode) line.path("request")).put("body", body);

        JsonNode answer = decide(line);

        assertThat(answer.path("decision").asString()).isEqualTo(decision);
        assertThat(answer.path("status").asInt(0)).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"model\":\"b\"", "", "[]", "{}", "{\"model\":null}"})
    void deniesWhereADenyByModelFindsNone(String body) {
        ObjectNode line = line("llm.requestModel == 'a'");
        ((ObjectNode) line.path("policies").path(0).path("spec").path("traffic").path("authorization"))
                .put("action", "Deny");
        ((ObjectNode) line.path("request")).put("body", body);

        assertThat(decide(line).path("reason").asString()).isEqualTo("rule_failed");
    }

    @Test
    void refusesABodyThatIsTooLargeToBeJudged() {
        ObjectNode line = line("llm.requestModel == 'a'");
        ((ObjectNode) line.path("request")).put("body", "{\"model\":\"a\",\"x\":\"" + "x".repeat(3_000_000) + "\"}");

        assertThat(decide(line).path("status").asInt()).isEqualTo(413);
    }

    @Test
    void takesVariablesFromTheLine() {
        ObjectNode line = line("quota.left > 1");
        line.putObject("variables").putObject("quota").put("left", 2);

        assertThat(decide(line).path("decision").asString()).isEqualTo("allow");
    }

    private static JsonNode decide(JsonNode line) {
        Cli run = Cli.runWithInput(line.toString(), "decide", "--ndjson");
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).hasLineCount(1);
        return JSON.readTree(run.out());
    }

    private static ObjectNode claims(String subject) {
        return JSON.createObjectNode().put("sub", subject);
    }

    private static ObjectNode line(String rule) {
        ObjectNode line = JSON.createObjectNode();
        line.putObject("request").put("method", "POST").put("uri", "/").putArray("headers");
        line.putArray("policies").add(JSON.readTree(policy(rule)));
        return line;
    }

    private static String policy(String rule) {
        return "{\"apiVersion\":\"agentgateway.dev/v1alpha1\",\"kind\":\"AgentgatewayPolicy\",\"metadata\":{\"name\":\"p\"},"
                + "\"spec\":{\"targetRefs\":[{\"group\":\"gateway.networking.k8s.io\",\"kind\":\"Gateway\",\"name\":\"g\"}],"
                + "\"traffic\":{\"authorization\":{\"policy\":{\"matchExpressions\":[\"" + rule + "\"]}}}}}";
    }
}
