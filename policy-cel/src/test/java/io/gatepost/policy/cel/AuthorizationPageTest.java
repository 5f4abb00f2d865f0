package io.gatepost.policy.cel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.json.JsonMapper;

/** Keeps docs/authorization.md true: every example and every rule of the cookbook is evaluated. */
class AuthorizationPageTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(.+?)` \\| (?:.*?) \\| `(.+?)` \\| `(.+?)` \\|$");
    private static final Pattern CONTEXT = Pattern.compile("(?s)```json\\n(.*?)```");
    private static final Pattern RECIPE =
            Pattern.compile("### (.*?)\\n\\n```cel\\n(.*?)\\n```\\n\\n- passes: `(.*?)`\\n- denied: `(.*?)`");
    private static final JsonMapper JSON = JsonMapper.shared();

    private static String page() throws IOException {
        return Files.readString(Path.of("..", "docs", "authorization.md"));
    }

    private static Stream<MatchResult> rows() throws IOException {
        return ROW.matcher(page()).results();
    }

    private static String unescaped(String cell) {
        return cell.replace("\\|", "|");
    }

    @TestFactory
    Stream<DynamicTest> evaluatesEachExampleToItsResult() throws IOException {
        Example example = Example.of(
                CONTEXT.matcher(page()).results().findFirst().orElseThrow().group(1));
        return rows().map(row -> DynamicTest.dynamicTest(unescaped(row.group(2)), () -> {
            String outcome = example.outcome(unescaped(row.group(2)));
            if (row.group(3).equals("error")) {
                assertThat(outcome).isEqualTo("error");
            } else {
                assertThat(JSON.readTree(outcome)).isEqualTo(JSON.readTree(unescaped(row.group(3))));
            }
        }));
    }

    @TestFactory
    Stream<DynamicTest> decidesAsTheCookbookSays() throws IOException {
        return RECIPE.matcher(page())
                .results()
                .map(recipe -> DynamicTest.dynamicTest(recipe.group(1), () -> {
                    assertThat(Example.of(recipe.group(3)).holds(recipe.group(2)))
                            .as("passes")
                            .isTrue();
                    assertThat(Example.of(recipe.group(4)).holds(recipe.group(2)))
                            .as("denied")
                            .isFalse();
                }));
    }

    @Test
    void holdsTwentyFiveRecipes() throws IOException {
        assertThat(RECIPE.matcher(page()).results()).hasSize(25);
    }

    @Test
    void namesEveryFunctionAndVariable() throws IOException {
        Variables variables = new Variables(Set.of());
        Set<String> missing = new TreeSet<>(new Functions(variables.declared().keySet(), variables.nullable()).names());
        missing.addAll(variables.declared().keySet());
        String page = page();
        missing.removeIf(name -> page.contains(name.substring(name.lastIndexOf('.') + 1)));

        // What CEL itself has, on which this page adds nothing.
        missing.removeAll(Set.of(
                "getFullYear", "getHours", "getMilliseconds", "getMinutes", "getSeconds", "optFlatMap", "optMap"));
        assertThat(missing).isEmpty();
    }
}
