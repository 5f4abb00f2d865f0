package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Keeps docs/semantics.md true: its policies are effective as it says, its decision is explained as it says. */
class SemanticsPageTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    private Path folder;

    private Markdown page = new Markdown(List.of());
    private String file = "";

    @BeforeEach
    void readPage() throws IOException {
        page = Markdown.read("docs/semantics.md");
        file = Files.writeString(folder.resolve("policies.yaml"), page.only("yaml"))
                .toString();
    }

    @Test
    void printsTheEffectivePolicyAsShown() {
        Cli run = Cli.run("effective", "--file", file);

        assertThat(run.err()).isEmpty();
        assertThat(run.exit()).isZero();
        assertThat(run.out().replace(file, "policies.yaml")).isEqualTo(page.only("text"));
    }

    @Test
    void explainsTheDecisionAsShown() {
        List<String> blocks = page.blocks().stream()
                .filter(block -> block.language().equals("json"))
                .map(Markdown.Block::text)
                .toList();

        Cli run = Cli.runWithInput(blocks.get(0).replace("\n", ""), "decide", "--ndjson", "--file", file);

        assertThat(run.err()).isEmpty();
        assertThat(JSON.readTree(run.out().replace(file, "policies.yaml"))).isEqualTo(JSON.readTree(blocks.get(1)));
    }

    @Test
    void numbersTheDifferenceOfEachDeviation() throws IOException {
        String text = Files.readString(Path.of("..", "..", "docs", "semantics.md"));

        assertThat(JSON.readTree(Path.of("..", "..", "docs", "conformance", "deviations.json")
                        .toFile()))
                .isNotEmpty()
                .allSatisfy(deviation -> {
                    String why = deviation.get("why").asString();
                    String row = why.replaceFirst("^difference (\\d+): .*", "\n| $1 |");
                    assertThat(why.startsWith("no difference: ") || text.contains(row))
                            .as(why)
                            .isTrue();
                });
    }
}
