package io.gatepost.policy.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.Decision;
import io.gatepost.policy.Explanation;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RuleOutcome;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.expression.EvaluationContext;
import io.gatepost.policy.expression.EvaluationException;
import io.gatepost.policy.expression.ExpressionCompiler.ResultType;
import io.gatepost.policy.expression.InvalidExpressionException;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.Authorization.EvaluationErrorPolicy;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.TrafficPolicy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the expressions of one request cost together, and that they pay before the work is done. */
@Timeout(60)
class BudgetTest {
    private static final String COSTLY = "few.all(x, few.all(y, x + y >= 0))";
    private static final String SOME = "some.all(x, x >= 0)";
    private static final CelExpressionCompiler COMPILER = new CelExpressionCompiler(List.of("few", "some"));

    private static PolicyRequest request(String body) {
        return PolicyRequest.builder("POST", "/")
                .body(body.getBytes(StandardCharsets.UTF_8))
                .attribute("few", Collections.nCopies(3_000, 1L))
                .attribute("some", Collections.nCopies(2_000, 1L))
                .build();
    }

    private static @Nullable Object evaluate(String expression, String body, EvaluationContext context)
            throws InvalidExpressionException, EvaluationException {
        return COMPILER.compile(expression, ResultType.ANY).evaluate(request(body), null, context);
    }

    private static Decision decide(AuthorizationAction action, String... expressions) {
        return engine(action, expressions).decide(request("{}"));
    }

    private static PolicyEngine engine(AuthorizationAction action, String... expressions) {
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", null, Authorization.of(action, expressions))))
                .expressions(COMPILER)
                .build();
    }

    @Test
    void chargesAllRulesOfARequestTogether() {
        String[] rules = Collections.nCopies(12, SOME).toArray(String[]::new);

        Decision decision = decide(AuthorizationAction.REQUIRE, rules);

        assertThat(decision).isInstanceOf(Decision.Deny.class);
        assertThat(decision.explanation().rules())
                .extracting(RuleOutcome::result)
                .startsWith(RuleOutcome.Result.MATCHED)
                .endsWith(RuleOutcome.Result.FAILED);
        assertThat(decision.explanation().summary()).contains("too many steps");
        assertThat(decide(AuthorizationAction.REQUIRE, SOME)).isInstanceOf(Decision.Allow.class);
    }

    @Test
    void deniesByADenyRuleThatThereIsNothingLeftFor() {
        assertThat(decide(AuthorizationAction.DENY, COSTLY, "request.path == '/other'"))
                .isInstanceOf(Decision.Deny.class);
        assertThat(decide(AuthorizationAction.ALLOW, COSTLY, "request.path == '/'"))
                .isInstanceOf(Decision.Deny.class);
    }

    @Test
    void deniesByADenyRuleThatThereIsNothingLeftForThoughItsErrorsAreIgnored() {
        Authorization ignoring = new Authorization(
                AuthorizationAction.DENY,
                Authorization.of(AuthorizationAction.DENY, COSTLY, "'x' == 'y'").matchExpressions(),
                EvaluationErrorPolicy.IGNORE,
                Origin.CODE);
        PolicyEngine engine = PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", null, ignoring)))
                .expressions(COMPILER)
                .build();

        assertThat(engine.decide(request("{}"))).isInstanceOf(Decision.Deny.class);
    }

    @Test
    void goesOnWithTheBudgetOfTheEarlierPhase() {
        String[] rules = Collections.nCopies(2, SOME).toArray(String[]::new);
        PolicyEngine engine = engine(AuthorizationAction.REQUIRE, rules);
        Decision decision = engine.decide(request("{}"));
        List<Decision> phases = new ArrayList<>();
        while (decision instanceof Decision.Allow allowed && phases.size() < 10) {
            phases.add(decision);
            decision = engine.decide(request("{}"), allowed);
        }

        assertThat(phases).hasSizeBetween(1, 9);
        assertThat(decision).isInstanceOf(Decision.Deny.class);
        assertThat(engine.decide(request("{}"))).isInstanceOf(Decision.Allow.class);
    }

    @Test
    void startsAnewForEachRequest() {
        PolicyEngine engine = engine(AuthorizationAction.REQUIRE, SOME);

        assertThat(IntStream.range(0, 20).mapToObj(i -> engine.decide(request("{}"))))
                .allSatisfy(decision -> assertThat(decision).isInstanceOf(Decision.Allow.class));
    }

    @Test
    void readsTheBodyOnceForAllExpressions() throws Exception {
        String body = "{\"model\":\"m\",\"text\":\"" + "a".repeat(1_000_000) + "\"}";
        PolicyRequest request = request(body);
        EvaluationContext context = new EvaluationContext();
        long before = context.left();
        assertThat(COMPILER.compile("llm.requestModel == 'm'", ResultType.ANY).evaluate(request, null, context))
                .isEqualTo(true);
        long first = before - context.left();

        for (String again : List.of("llm.params.model == 'm'", "json(request.body).model == 'm'")) {
            long left = context.left();
            assertThat(COMPILER.compile(again, ResultType.ANY).evaluate(request, null, context))
                    .isEqualTo(true);
            assertThat(left - context.left()).isLessThan(first / 4);
        }
    }

    @Test
    void leavesRoomForAnEmbeddingsRequestOfThreeHundredThousandTokens() throws Exception {
        String body = "{\"model\":\"m\",\"input\":["
                + IntStream.range(0, 300_000).mapToObj(i -> "12345").collect(Collectors.joining(",")) + "]}";

        assertThat(evaluate(
                        "llm.params.input.size() == 300000 && llm.requestModel == 'm'", body, new EvaluationContext()))
                .isEqualTo(true);
    }

    @Test
    void hasOneStartTimeForARequest() throws Exception {
        EvaluationContext context = new EvaluationContext();
        Object first = evaluate("request.startTime", "{}", context);
        long second = java.time.Instant.now().getEpochSecond() + 1;
        while (java.time.Instant.now().getEpochSecond() < second) {
            Thread.onSpinWait();
        }

        assertThat(evaluate("request.startTime", "{}", context)).isEqualTo(first);
    }

    /** Each would do far more than its budget allows if it paid afterwards. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "&          ; form.decode(request.body).size() >= 0",
                "a&         ; form.decode(request.body).size() >= 0",
                "a&         ; ('/?' + string(request.body)).query('a').size() >= 0",
                "a&         ; ('/?' + string(request.body)).setQuery('a', 'b') != ''",
                "a          ; url.encode(string(request.body)) != ''",
                "a          ; form.encode({'a': string(request.body)}) != ''",
                "a          ; sha256.encode(request.body) != ''",
                "a          ; string(request.body).matches('(a|aa)+$')",
                "a          ; 'a'.regexReplace('(a)', string(request.body)) != ''",
                "a          ; string(request.body).split('').size() > 0",
                "a          ; string(request.body).replace('', 'aaaa') != ''",
                "a          ; few.exists(x, coalesce(int(string(request.body)), 1) == 2)",
                "a          ; few.all(x, few[5000] == 1 || x == 1 || true)",
            })
    void endsBeforeTheWorkIsDone(String unit, String expression) {
        String body = unit.strip().repeat(2_000_000 / unit.strip().length());
        EvaluationContext context = new EvaluationContext();

        assertThatThrownBy(() -> evaluate(expression, body, context))
                .isInstanceOf(EvaluationException.class)
                .message()
                .isIn("the expression takes too many steps", "a result is too large");
    }

    @ParameterizedTest
    @ValueSource(strings = {"json(request.body).size() > 0", "llm.params.size() > 0"})
    void endsWhileItReadsJsonWithManyValuesOrNamesOfOneHash(String expression) {
        for (String body : List.of(
                "{\"a\":[" + "1,".repeat(1_000_000) + "1]}",
                "{\"a\":[" + "{},".repeat(600_000) + "1]}",
                "{\"a\":[" + ("9".repeat(390) + ",").repeat(5_000) + "1]}",
                ofOneHash(50_000))) {
            assertThatThrownBy(() -> evaluate(expression, body, new EvaluationContext()))
                    .isInstanceOf(EvaluationException.class)
                    .hasMessage("the expression takes too many steps");
        }
    }

    private static String ofOneHash(int names) {
        return IntStream.range(0, names)
                .mapToObj(i -> IntStream.range(0, 16)
                        .mapToObj(bit -> (i >> bit & 1) == 0 ? "Aa" : "BB")
                        .collect(Collectors.joining("", "\"", "\":1")))
                .collect(Collectors.joining(",", "{", "}"));
    }

    @Test
    void takesMembersOfAnObjectUpToWhatRequestsNeed() throws Exception {
        assertThat(evaluate("llm.params.size() == 2000", ofOneHash(2_000), new EvaluationContext()))
                .isEqualTo(true);
    }

    /** Compiling one of these would not end within a day. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?i)\u1c80",
                "(?i)\\x{1c85}",
                "(?i)[b-\\x{10ffff}]",
                "(?i)[\\x62-\\x{2000}]",
                "(?i)[\\142-\\x{10ffff}]",
                "(?i)[^b-\u2000]",
                "(?si:[]b-\u2000])",
                "\\Q[\\E((a{100}){100}){100}",
            })
    void refusesPatternsThatTakeForeverToCompile(String pattern) {
        VerifiedToken token = new VerifiedToken("i", null, Map.of("pattern", pattern));

        assertThatThrownBy(() -> COMPILER.compile("'a'.matches(jwt.pattern)", ResultType.BOOLEAN)
                        .evaluate(request("{}"), token))
                .isInstanceOf(EvaluationException.class)
                .message()
                .startsWith("the regular expression is too large");
        assertThatThrownBy(() -> LinearRegex.of(pattern)).isInstanceOf(InvalidExpressionException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"(?i)[a-z]+", "(?i)[\\x{0}-\\x{10ffff}]", "(?i)[\u0430-\u044f]+", "[b-\\x{10ffff}]", "(?i)\\pL"})
    void takesPatternsThatDoNot(String pattern) throws Exception {
        assertThat(LinearRegex.of(pattern).matches(pattern.contains("\u0430") ? "\u0411" : "q"))
                .isTrue();
    }

    @Test
    void chargesForPatternsOfATokenByWhatTheyTakeToCompile() throws Exception {
        Map<String, Object> claims = new HashMap<>();
        claims.put("patterns", IntStream.range(0, 500).mapToObj(i -> "\\pL" + i).toList());
        claims.put("one", "[" + "\\pL".repeat(1_300) + "]");
        VerifiedToken token = new VerifiedToken("i", null, claims);

        for (String expression : List.of("jwt.patterns.exists(p, '-'.matches(p))", "'-'.matches(jwt.one)")) {
            assertThatThrownBy(() ->
                            COMPILER.compile(expression, ResultType.BOOLEAN).evaluate(request("{}"), token))
                    .isInstanceOf(EvaluationException.class)
                    .hasMessage("the expression takes too many steps");
        }
    }

    @Test
    void explainsWithinABudgetOfItsOwn() {
        Decision decision = decide(AuthorizationAction.DENY, COSTLY);
        Explanation explanation = decision.explanation();

        assertThat(explanation.rules()).hasSize(1);
        assertThat(Arrays.asList(
                        explanation.rules().get(0).parts(),
                        explanation.rules().get(0).parts()))
                .allSatisfy(parts -> assertThat(parts.size()).isLessThan(10));
    }
}
