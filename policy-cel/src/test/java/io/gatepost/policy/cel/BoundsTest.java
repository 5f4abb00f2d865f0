package io.gatepost.policy.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.expression.CompiledExpression;
import io.gatepost.policy.expression.EvaluationException;
import io.gatepost.policy.expression.ExpressionCompiler.ResultType;
import io.gatepost.policy.expression.InvalidExpressionException;
import io.gatepost.policy.expression.InvalidExpressionException.Problem;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expressions built to hurt are refused when they are loaded, or end in an error that denies. */
@Timeout(60)
class BoundsTest {
    private static final CelExpressionCompiler COMPILER = new CelExpressionCompiler(List.of("text", "numbers", "few"));
    private static final String MEBIBYTE = "a".repeat(1 << 20);
    private static final VerifiedToken TOKEN =
            new VerifiedToken("i", null, Map.of("pattern", "((a{100}){100}){100}", "short", "^a{3}$"));

    private static Object evaluate(String expression) throws InvalidExpressionException, EvaluationException {
        PolicyRequest request = PolicyRequest.builder("POST", "/")
                .body(("{\"items\":[" + "1,".repeat(300_000) + "1]}").getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .attribute("text", MEBIBYTE)
                .attribute("few", LongStream.range(0, 3_000).boxed().toList())
                .attribute("numbers", LongStream.range(0, 10_000).boxed().toList())
                .build();
        return java.util.Objects.requireNonNull(
                COMPILER.compile(expression, ResultType.ANY).evaluate(request, TOKEN));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text.matches('(a+)+$')",
                "text.matches('(a+)+b')",
                "numbers.all(x, numbers.all(y, x + y >= 0))",
                "numbers.map(x, numbers.map(y, y)).size() > 0",
                "numbers.exists(a, numbers.exists(b, numbers.exists(c, a + b + c < 0)))",
                "text.with(a, a + a).with(a, a + a).with(a, a + a).with(a, a + a).with(a, a + a).with(a, a + a) == ''",
                "text.replace('', text) == ''",
                "text.replace('a', 'aaaaaaaaaa') == ''",
                "numbers.map(x, text).join(text) == ''",
                "text.split('').size() > 0",
                "json(request.body).items.all(x, x == 1)",
                "numbers.all(x, json(request.body).items.size() > 0)",
                "numbers.all(x, sha256.encode(request.body) != '')",
                "text.regexReplace('(a*)', '$1$1$1$1$1') == ''",
                "numbers.all(x, !text.contains('aaaaaaaaaaaaab'))",
                "numbers.all(x, text != text + 'a') || true",
                "default(numbers.all(x, numbers.all(y, true)), true) || true",
            })
    void endsInAnError(String expression) {
        assertThatThrownBy(() -> evaluate(expression))
                .isInstanceOf(EvaluationException.class)
                .message()
                .isIn("the expression takes too many steps", "a result is too large");
    }

    @Test
    void boundsSharedValuesByWhatTheyWouldUnfoldTo() {
        String doubled = "[1]" + ".with(a, [a, a])".repeat(25);

        assertThatThrownBy(() -> evaluate(doubled)).isInstanceOf(EvaluationException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "few.all(x, x >= 0)",
                "few.map(x, x + 1).size() == 3000",
                "few.filter(x, x > 4).size() == 2995",
                "!text.contains('aaaaaaaaaaaaab')",
                "text.lastIndexOf('b') == -1",
                "'aaa'.matches(jwt.short)"
            })
    void leavesRoomForWhatIsUseful(String expression) throws Exception {
        assertThat(evaluate(expression)).isEqualTo(true);
    }

    @Test
    void boundsPatternsFromDataAsThoseInTheExpression() {
        assertThatThrownBy(() -> evaluate("'aaaa'.matches(jwt.pattern)"))
                .isInstanceOf(EvaluationException.class)
                .hasMessage("the regular expression is too large");
        assertThat(problems("'aaaa'.matches('((a{100}){100}){100}')")).isEqualTo("the regular expression is too large");
    }

    @Test
    void tellsWhereAPatternIsNone() {
        InvalidExpressionException refused = catchThrowableOfType(
                InvalidExpressionException.class,
                () -> COMPILER.compile("request.path == '/' || request.path.matches('(')", ResultType.BOOLEAN));

        assertThat(refused.problems())
                .containsExactly(new Problem(1, 45, "the regular expression is not valid: missing closing )"));
    }

    static Stream<String> expressionsNestedTooDeeply() {
        return Stream.of(
                "(".repeat(1_000) + "true" + ")".repeat(1_000),
                "[".repeat(8_000) + "]".repeat(8_000),
                "{1:".repeat(3_000) + "1" + "}".repeat(3_000),
                "(".repeat(16_000),
                "1" + "+1".repeat(8_000) + " > 0",
                "jwt" + ".a".repeat(8_000) + " == 1",
                "true ? true : ".repeat(1_000) + "true");
    }

    @ParameterizedTest
    @MethodSource("expressionsNestedTooDeeply")
    void refusesDeepNesting(String expression) {
        assertThat(problems(expression)).containsAnyOf("recursion limit", "nested too deeply");
    }

    @Test
    void refusesLongExpressions() {
        assertThat(problems("'" + "a".repeat(16_384) + "' == ''")).contains("at most 16384");
    }

    @Test
    void takesAnExpressionOfSixteenKibibytes() throws Exception {
        String wide = "jwt.short == 'a'" + " || jwt.short == '^a{3}$'".repeat(600);

        assertThat(evaluate(wide)).isEqualTo(true);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "request.headers.all(a, request.headers.all(b, a == b))        | a comprehension within another",
                "json(request.body).a.exists(x, x.b.exists(y, y == 1))          | a comprehension within another",
                "string(request.body).matches('a+')                             | a regular expression over a body",
                "jwt.sub.matches(request.headers['x'])                          | the client chooses the regular expression",
                "llm.params.messages.exists(m, m.content.matches('secret'))     | a regular expression over a body",
            })
    void warnsOfWhatAClientCanMakeCostly(String expression, String warning) throws Exception {
        CompiledExpression compiled = new CelExpressionCompiler().compile(expression, ResultType.BOOLEAN);

        assertThat(compiled.warnings())
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).startsWith(warning));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "request.path.matches('^/v1/')",
                "jwt.roles.exists(r, jwt.groups.exists(g, r == g))",
                "llm.params.messages.all(m, m.role == 'user')",
                "json(request.body).with(b, b.a.exists(x, x == 1))"
            })
    void doesNotWarnOfWhatIsBounded(String expression) throws Exception {
        assertThat(new CelExpressionCompiler()
                        .compile(expression, ResultType.BOOLEAN)
                        .warnings())
                .isEmpty();
    }

    private static String problems(String expression) {
        InvalidExpressionException refused = catchThrowableOfType(
                InvalidExpressionException.class, () -> COMPILER.compile(expression, ResultType.ANY));
        assertThat(refused).as("refused").isNotNull();
        return refused.problems().get(0).message();
    }
}
