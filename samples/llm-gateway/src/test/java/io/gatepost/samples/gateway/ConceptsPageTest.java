package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
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
                .map(line -> Arrays.stream(line.replace("`", "").split("\\|"))
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

    private String decision(String methodAndPath, String claims) {
        String[] request = methodAndPath.split(" ");
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
