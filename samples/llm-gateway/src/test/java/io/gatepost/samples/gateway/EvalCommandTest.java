package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EvalCommandTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "1 + 1                        | null                                            | 2",
                "2.0 * 1.0                    | null                                            | 2.0",
                "7u                           | null                                            | 7",
                "[1, 'a', null, true]         | null                                            | [1,\"a\",null,true]",
                "{'a': {'b': 1}}              | null                                            | {\"a\":{\"b\":1}}",
                "type(1)                      | null                                            | \"int\"",
                "b                            | {\"b\": {\"$bytes\": \"aGk=\"}}                 | \"aGk=\"",
                "t                            | {\"t\": {\"$timestamp\": \"2026-01-02T03:04:05Z\"}} | \"2026-01-02T03:04:05Z\"",
                "d                            | {\"d\": {\"$duration\": \"1.5s\"}}              | \"1.5s\"",
                "type(n) == uint              | {\"n\": {\"$uint\": 3}}                         | true",
                "nothing == null              | {\"nothing\": null}                             | true",
                "request == null              | null                                            | true",
                "a.b[1] == 2                  | {\"a\": {\"b\": [1, 2]}}                        | true"
            })
    void printsTheValue(String expression, String context, String value) {
        JsonNode answer = eval(expression, context);

        assertThat(answer.path("value").toString()).isEqualTo(value);
        assertThat(answer.path("id").asInt()).isEqualTo(7);
    }

    @Test
    void fillsTheRequest() {
        String context = "{\"$httpRequest\": {\"method\": \"POST\", \"uri\": \"http://h/p?q=1\","
                + " \"headers\": [[\"X-Team\", \"a\"]], \"body\": \"hello\"},"
                + " \"request.startTime\": {\"$timestamp\": \"2000-01-01T12:00:00Z\"}}";

        assertThat(eval(
                                "request.method + request.path + request.headers['x-team'] + string(request.body)"
                                        + " + string(request.startTime.getFullYear())",
                                context)
                        .path("value")
                        .asString())
                .isEqualTo("POST/pahello2000");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 +              | compile",
                "unknown == 1     | compile",
                "{'a': 1}['b']    | evaluate",
                "1 / 0            | evaluate"
            })
    void saysAtWhichStageItFailed(String expression, String stage) {
        assertThat(eval(expression, "null").path("error").path("stage").asString())
                .isEqualTo(stage);
    }

    @Test
    void answersALineThatIsNotJson() {
        assertThat(Cli.runWithInput("nonsense\n", "eval", "--ndjson").out()).contains("the line is not JSON");
    }

    private static JsonNode eval(String expression, String context) {
        String line = JSON.writeValueAsString(JSON.createObjectNode()
                .put("id", 7)
                .put("expression", expression)
                .set("context", JSON.readTree(context)));
        Cli run = Cli.runWithInput(line + "\n", "eval", "--ndjson");
        assertThat(run.exit()).as(run.err()).isZero();
        return JSON.readTree(run.out());
    }
}
