package io.gatepost.policy.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.gatepost.policy.expression.ExpressionCompiler.ResultType;
import io.gatepost.policy.expression.InvalidExpressionException;
import io.gatepost.policy.expression.InvalidExpressionException.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is no expression is told in its author's words: what is wrong, where, and what to write. */
class MessageTest {
    private static final CelExpressionCompiler COMPILER = new CelExpressionCompiler();
    private static final Pattern RECIPE = Pattern.compile("```cel\\n(.*?)\\n```");

    /** What the generated parser says, and nobody else. */
    private static final Pattern GENERATED = Pattern.compile(
            "mismatched input|extraneous|token recognition|expecting|no viable|<EOF>|IDENTIFIER|NUM_|undeclared reference"
                    + "|matching overload|[\\r\\n]");

    private static List<Problem> problems(String expression) {
        try {
            COMPILER.compile(expression, ResultType.BOOLEAN);
            return List.of();
        } catch (InvalidExpressionException refused) {
            return refused.problems();
        }
    }

    @TestFactory
    Stream<DynamicTest> saysWhatIsWrongAndWhatToWrite() throws IOException {
        Map<String, List<String>> expected = new LinkedHashMap<>();
        for (String line : Files.readAllLines(Path.of("src/test/resources/io/gatepost/policy/cel/messages.tsv"))) {
            String[] cells = line.split("\t", -1);
            if (!line.startsWith("#")) {
                expected.computeIfAbsent(cells[0], none -> new ArrayList<>()).add(cells[1] + " " + cells[2]);
            }
        }
        assertThat(expected).hasSizeGreaterThan(150);
        return expected.entrySet().stream()
                .map(row -> DynamicTest.dynamicTest(
                        "`" + row.getKey() + "`",
                        () -> assertThat(problems(row.getKey()))
                                .extracting(
                                        problem -> problem.line() + ":" + problem.column() + " " + problem.message())
                                .containsExactlyElementsOf(row.getValue())));
    }

    /** Every rule of the cookbook with a character too few, or one too many, at each place. */
    @TestFactory
    Stream<DynamicTest> neverSpeaksAsTheParserDoes() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "authorization.md"));
        return RECIPE.matcher(page)
                .results()
                .map(recipe -> recipe.group(1))
                .map(rule -> DynamicTest.dynamicTest(rule, () -> spoilt(rule).forEach(MessageTest::isPlain)));
    }

    private static Stream<String> spoilt(String rule) {
        String characters = "=&|\"'()[]{}-.,;:?!<>$#@\\ x1\u201c";
        List<String> spoilt = new ArrayList<>();
        for (int i = 0; i <= rule.length(); i++) {
            String before = rule.substring(0, i);
            String behind = rule.substring(i);
            spoilt.add(before + characters.charAt(i % characters.length()) + behind);
            spoilt.add(before + characters.charAt((i * 7 + 3) % characters.length()) + behind);
            spoilt.add(before);
            if (!behind.isEmpty()) {
                spoilt.add(before + behind.substring(1));
            }
        }
        return spoilt.stream();
    }

    private static void isPlain(String expression) {
        assertThat(problems(expression)).as(expression).allSatisfy(problem -> {
            assertThat(problem.message()).doesNotContainPattern(GENERATED).hasSizeLessThan(300);
            assertThat(problem.line())
                    .isBetween(1, Math.max(1, (int) expression.lines().count()));
            assertThat(problem.column()).isBetween(1, expression.length() + 1);
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "request.headers.x-team == \"a\" | request.headers[\"x-team\"] == \"a\"",
                "\"a\" in jwt.resource_access.llm-gateway.roles | \"a\" in jwt.resource_access[\"llm-gateway\"].roles",
                "has(jwt.a.llm-gateway) | jwt.a[?\"llm-gateway\"].hasValue()",
                "jwt.roles.includes(\"a\") | jwt.roles.contains(\"a\")",
                "jwt.sub.toLowerCase() == \"a\" | jwt.sub.lowerAscii() == \"a\"",
                "source.address in \"10.0.0.0/8\" | cidr(\"10.0.0.0/8\").containsIP(source.address)",
                "\"a\" not in jwt.roles | !(\"a\" in jwt.roles)",
                "(jwt.sub ?? \"\") == \"a\" | default(jwt.sub, \"\") == \"a\"",
            })
    void givesCuresThatLoad(String mistaken, String cured) {
        assertThat(problems(mistaken)).isNotEmpty();
        assertThat(problems(cured)).isEmpty();
    }

    @Test
    void pointsIntoTheLineOfALongExpression() {
        assertThat(problems("jwt.sub == \"alice\" &&\n  jwt.team = \"a\" &&\n  jwt.x"))
                .extracting(problem -> problem.line() + ":" + problem.column())
                .containsExactly("2:12");
    }

    @Test
    void countsCharactersNotUnits() {
        assertThat(problems("jwt.sub == \"\ud83d\ude00\" and true"))
                .extracting(Problem::column)
                .containsExactly(16);
    }

    @Test
    void takesTheTimeThatItsLengthNeeds() {
        List<String> large = List.of(
                "jwt" + ".a".repeat(8000) + " =",
                "(".repeat(8000),
                "f(,".repeat(5000),
                "a-b".repeat(5000),
                "\"".repeat(16001),
                "x ".repeat(8000));

        for (String expression : large) {
            assertThatCode(() -> isPlain(expression)).doesNotThrowAnyException();
        }
    }

    @Test
    void showsNoMoreOfALongExpressionThanItTakes() {
        String text = "x".repeat(5000);

        assertThat(problems("\"" + text + "\" like \"a\""))
                .allSatisfy(problem -> assertThat(problem.message()).hasSizeLessThan(300));
    }
}
