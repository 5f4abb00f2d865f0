package io.gatepost.policy.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gatepost.policy.expression.ExpressionCompiler.ResultType;
import io.gatepost.policy.expression.InvalidExpressionException;
import io.gatepost.policy.expression.InvalidExpressionException.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with an expression is said when it is loaded, where it stands, with the name that was meant. */
class LoadErrorTest {
    private final CelExpressionCompiler compiler = new CelExpressionCompiler();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "jvt.sub == 'alice'              | 1 | unknown name `jvt`; did you mean `jwt`?",
                "request.metod == 'GET'          | 8 | unknown field `metod`; did you mean `method`?",
                "request.Path == '/'             | 8 | unknown field `Path`; did you mean `path`?",
                "llm.model == 'x'                | 4 | unknown field `model`; write `llm.requestModel`",
                "jwtt == null                    | 1 | unknown name `jwtt`; did you mean `jwt`?",
                "response.code == 200            | 1 | `response` has no value yet when a request is authorized",
                "jwt.sub.endWith('x')            | 16 | unknown name `endWith`; did you mean `endsWith`?",
                "jwt.sub.matchs('x')             | 15 | unknown name `matchs`; did you mean `matches`?",
                "request.header['x'] == 'a'      | 8 | unknown field `header`; did you mean `headers`?",
                "base64.encod('x') == ''         | 1 | unknown name `base64.encod`; did you mean `base64.encode`?",
                "math.greates(1, 2) == 2         | 1 | unknown name `math.greates`; did you mean `math.greatest`?",
                "proxy.gatway.name == 'x'        | 6 | unknown field `gatway`; did you mean `gateway`?",
                "source.adress == 'x'            | 7 | unknown field `adress`; did you mean `address`?",
                "'a' in scope(jwt)               | 13 | unknown name `scope`; did you mean `scopes`?",
                "mcp.tool.name == 'x'            | 1 | `mcp` has no value yet when a request is authorized",
                "flatten(jwt) == 1               | 8 | `flatten` is for logging only",
                "jwt.a == 1 && reqest.path == '' | 15 | unknown name `reqest`; did you mean `request`?"
            })
    void namesWhatWasProbablyMeant(String expression, int column, String message) {
        assertThat(problems(expression)).singleElement().satisfies(problem -> {
            assertThat(problem.message()).isEqualTo(message);
            assertThat(problem.line()).isEqualTo(1);
            assertThat(problem.column()).isEqualTo(column);
        });
    }

    @Test
    void tellsTheLineWithinTheExpression() {
        assertThat(problems("jwt.sub == 'alice' ||\n  jvt.sub == 'bob'"))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.line()).isEqualTo(2);
                    assertThat(problem.column()).isEqualTo(3);
                });
    }

    @Test
    void tellsAllProblemsOfAnExpression() {
        assertThat(problems("jvt.a == 1 && request.metod == 'x'")).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"jwt.sub ==", "(jwt.sub", "'alice", "has(jwt)", "jwt.sub = 'a'", ""})
    void refusesWhatIsNoExpression(String expression) {
        assertThat(problems(expression)).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({"request.path", "1 + 1", "[true]", "request.path.size()"})
    void refusesARuleThatIsNeverTrueOrFalse(String expression) {
        assertThat(problems(expression))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("expected a boolean"));
    }

    private List<Problem> problems(String expression) {
        InvalidExpressionException refused = catchThrowableOfType(
                InvalidExpressionException.class, () -> compiler.compile(expression, ResultType.BOOLEAN));
        assertThat(refused).as(expression).isNotNull();
        return refused.problems();
    }
}
