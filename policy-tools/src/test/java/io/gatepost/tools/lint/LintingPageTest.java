package io.gatepost.tools.lint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds {@code docs/linting.md} to what is found. */
class LintingPageTest {
    private static String page() throws IOException {
        return Files.readString(Path.of("../docs/linting.md"));
    }

    private static List<List<String>> rows(String title) throws IOException {
        String section = page().split("\n## " + title + "\n", -1)[1].split("\n## ", -1)[0];
        return section.lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> Arrays.stream(line.substring(2, line.length() - 2).split(" \\| ", -1))
                        .toList())
                .toList();
    }

    static Stream<List<String>> examples() throws IOException {
        return rows("Rules by example").stream()
                .map(row -> row.stream()
                        .map(cell -> cell.replace("`", "").replace("\\|", "|"))
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("examples")
    void findsWhatIsOnTheLeftAndNothingOnTheRight(List<String> row) {
        assertThat(LintTest.lint(LintTest.guarded("Require", row.get(1))))
                .extracting(finding -> finding.rule().id())
                .contains(row.get(0));
        assertThat(LintTest.lint(LintTest.guarded("Require", row.get(2)))).isEmpty();
    }

    @Test
    void listsEveryRule() throws IOException {
        assertThat(rows("All rules"))
                .containsExactlyElementsOf(Arrays.stream(LintRule.values())
                        .map(rule ->
                                List.of("`" + rule.id() + "`", rule.level().toString(), rule.summary(), rule.cure()))
                        .toList());
    }

    @Test
    void acceptsWhatThePageAccepts() throws IOException {
        String yaml = page().split("```yaml\n", -1)[1].split("```", -1)[0];

        assertThat(LintTest.lint(yaml)).isEmpty();
        assertThat(LintTest.lint(yaml.replaceAll(" # lint.*", "")))
                .extracting(finding -> finding.rule().id())
                .containsExactly("open-path-prefix");
    }
}
