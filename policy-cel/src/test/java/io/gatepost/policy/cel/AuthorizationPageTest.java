package io.gatepost.policy.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gatepost.policy.cel.Catalogue.Entry;
import io.gatepost.policy.cel.Catalogue.Kind;
import io.gatepost.policy.expression.ExpressionCompiler.ResultType;
import io.gatepost.policy.expression.InvalidExpressionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.json.JsonMapper;

/** Keeps docs/authorization.md true: every example and every rule of the cookbook is evaluated. */
class AuthorizationPageTest {
    private static final Pattern CONTEXT = Pattern.compile("(?s)```json\\n(.*?)```");
    private static final Pattern RECIPE =
            Pattern.compile("### (.*?)\\n\\n```cel\\n(.*?)\\n```\\n\\n- passes: `(.*?)`\\n- denied: `(.*?)`");
    private static final JsonMapper JSON = JsonMapper.shared();

    private static String page() throws IOException {
        return Files.readString(Path.of("..", "docs", "authorization.md"));
    }

    @TestFactory
    Stream<DynamicTest> evaluatesEachExampleToItsValue() throws IOException {
        Example example = Example.of(
                CONTEXT.matcher(page()).results().findFirst().orElseThrow().group(1));
        return Catalogue.entries().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.example(), () -> {
                    assertThat(entry.example())
                            .contains(entry.name().substring(entry.name().lastIndexOf('.') + 1));
                    String outcome = example.outcome(entry.example());
                    if (entry.value().equals("error")) {
                        assertThat(outcome).isEqualTo("error");
                    } else {
                        assertThat(JSON.readTree(outcome)).isEqualTo(JSON.readTree(entry.value()));
                    }
                }));
    }

    @Test
    void showsTheCatalogue() throws IOException {
        assertThat(page()).contains(variables()).contains(functions());
    }

    private static String variables() {
        return table(
                "| variable | type | what | example | value |",
                entry -> entry.kind() != Kind.FUNCTION,
                entry -> List.of(
                        code(entry.name()),
                        String.join(", ", entry.signatures()),
                        entry.description(),
                        code(entry.example()),
                        code(entry.value())));
    }

    private static String functions() {
        return table(
                "| function | result | example | value |",
                entry -> entry.kind() == Kind.FUNCTION,
                entry -> List.of(code(entry.form()), entry.description(), code(entry.example()), code(entry.value())));
    }

    private static String table(String head, Predicate<Entry> shown, Function<Entry, List<String>> cells) {
        return head + "\n" + head.replaceAll("[^|]+", "---") + "\n"
                + Catalogue.entries().stream()
                        .filter(shown)
                        .map(cells)
                        .map(row -> "| " + String.join(" | ", row) + " |\n")
                        .collect(Collectors.joining());
    }

    private static String code(String text) {
        return "`" + text.replace("|", "\\|") + "`";
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

    @TestFactory
    Stream<DynamicTest> refusesCommonMistakesAsThePageSays() throws IOException {
        String section = page().split("\n## Common mistakes\n", -1)[1].split("\n## ", -1)[0];
        return section.lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.substring(2, line.length() - 2)
                        .replace("\\|", "\0")
                        .split(" \\| ", 2))
                .map(row -> DynamicTest.dynamicTest(row[0], () -> {
                    String mistake = row[0].replace('\0', '|').replaceAll("^`+ ?| ?`+$", "");
                    InvalidExpressionException refused = catchThrowableOfType(
                            InvalidExpressionException.class,
                            () -> new CelExpressionCompiler().compile(mistake, ResultType.BOOLEAN));
                    assertThat(refused).isNotNull();
                    assertThat(refused.problems())
                            .extracting(problem -> problem.message())
                            .contains(row[1].replace('\0', '|'));
                }));
    }

    @Test
    void holdsTwentyFiveRecipes() throws IOException {
        assertThat(RECIPE.matcher(page()).results()).hasSize(25);
    }

    @Test
    void namesAllThatIsDeclaredAndNothingElse() {
        Set<String> named =
                Catalogue.entries().stream().map(Entry::name).collect(Collectors.toCollection(TreeSet::new));
        // A claim of which the compiler knows nothing.
        named.remove("jwt.rawToken");

        assertThat(named).containsExactlyInAnyOrderElementsOf(Catalogue.declared());
    }

    @Test
    void givesEachNameItsTypes() {
        assertThat(Catalogue.entries())
                .filteredOn(entry -> entry.name().equals("indexOf"))
                .flatExtracting(Entry::signatures)
                .containsExactly("string.indexOf(string): int", "string.indexOf(string, int): int");
        assertThat(Catalogue.entries())
                .filteredOn(entry -> entry.name().equals("source.port"))
                .flatExtracting(Entry::signatures)
                .containsExactly("uint");
        assertThat(Catalogue.entries())
                .allSatisfy(entry -> assertThat(entry.description()).isNotBlank());
    }
}
