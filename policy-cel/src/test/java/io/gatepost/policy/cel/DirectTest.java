package io.gatepost.policy.cel;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.Decision;
import io.gatepost.policy.Explanation;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.expression.CompiledExpression;
import io.gatepost.policy.expression.EvaluationContext;
import io.gatepost.policy.expression.EvaluationException;
import io.gatepost.policy.expression.ExpressionCompiler;
import io.gatepost.policy.expression.ExpressionCompiler.ResultType;
import io.gatepost.policy.expression.InvalidExpressionException;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.request.RequestBuilder;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.AbstractMap.SimpleEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is evaluated directly comes to what the evaluator comes to: the same value or the same error, for the same
 * steps, whatever was evaluated before it for the same request and whatever is left to spend.
 */
class DirectTest {
    private static final List<String> TEXTS = List.of(
            "request.path",
            "request.method",
            "request.host",
            "request.scheme",
            "request.version",
            "request.uri",
            "request.pathAndQuery",
            "source.address",
            "request.headers['x-team']",
            "request.headers['X-Two']",
            "request.headers['x-none']",
            "request.headers.accept",
            "request.headers.none",
            "request.headers['x-long']",
            "jwt.sub",
            "jwt['sub']",
            "jwt['https://example.com/team']",
            "jwt.org.team",
            "jwt.org.none",
            "jwt.none",
            "jwt.none.team",
            "jwt['none']",
            "jwt.nothing",
            "jwt.nothing.more",
            "jwt.long",
            "jwt.level",
            "jwt.ratio",
            "jwt.large",
            "jwt.active",
            "jwt.roles",
            "jwt.sub.more",
            "jwt.roles.more",
            "jwt.org",
            "jwt.rawToken",
            "jwt",
            "llm.requestModel",
            "llm.streaming",
            "llm.params.model",
            "llm.params.none",
            "llm.params.tool_choice.name");
    private static final List<String> LITERALS = List.of(
            "'/v1/chat'", "'POST'", "'a'", "'alice'", "'t1'", "''", "'/v1/'", "'example.com'", "'admin'", "'é'");
    private static final List<String> LISTS = List.of(
            "jwt.roles",
            "jwt['roles']",
            "jwt.many",
            "jwt.mixed",
            "jwt.org",
            "jwt.org.groups",
            "jwt.none",
            "jwt.sub",
            "request.headers",
            "jwt.nested",
            "jwt.empty",
            "llm.params.tools",
            "llm.params",
            "['a', 'alice', '/v1/chat']",
            "['POST']",
            "[1, 2, 3]",
            "[1, 'a']",
            "[]");
    private static final List<String> PRESENT = List.of(
            "jwt.sub",
            "jwt.none",
            "jwt.org.team",
            "jwt.org.none",
            "jwt.none.team",
            "jwt.nothing",
            "jwt.sub.more",
            "jwt.nothing.more",
            "request.headers.accept",
            "request.headers.none",
            "request.body",
            "request.host",
            "llm.params.model",
            "llm.params.none.more",
            "llm.requestModel");

    private static final List<String> BODIES = List.of(
            "{\"model\":\"a\",\"stream\":true,\"tools\":[\"a\"],\"tool_choice\":{\"name\":\"t1\"}}",
            "{\"model\":3,\"tools\":null}",
            "[1]",
            "not JSON");

    private final CelExpressionCompiler compiler = new CelExpressionCompiler();

    @Test
    void generated() throws Exception {
        Random random = new Random(18);
        int direct = 0;
        int decided = 0;
        for (int round = 0; round < 150; round++) {
            List<CelExpression> rules = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                CelExpression rule = compiled(condition(random, 3));
                if (rule != null) {
                    rules.add(rule);
                    direct += rule.isDirect() ? 1 : 0;
                }
            }
            for (Map.Entry<PolicyRequest, @Nullable VerifiedToken> of : cases(random)) {
                decided += compare(rules, of.getKey(), of.getValue(), EvaluationContext.STEPS);
                compare(rules, of.getKey(), of.getValue(), random.nextInt(200));
            }
        }
        assertThat(direct).isGreaterThan(800);
        assertThat(decided).isGreaterThan(800);
    }

    /** The same for whole policies: what is decided, why, and what each rule came to. */
    @Test
    void decisions() throws Exception {
        Random random = new Random(256);
        for (int round = 0; round < 60; round++) {
            List<Authorization> terms = new ArrayList<>();
            for (AuthorizationAction action : AuthorizationAction.values()) {
                List<String> rules = new ArrayList<>();
                for (int i = random.nextInt(6); i > 0; i--) {
                    String rule = condition(random, 2);
                    if (compiled(rule) != null) {
                        rules.add(rule);
                    }
                }
                if (!rules.isEmpty()) {
                    Authorization of = Authorization.of(action, rules.toArray(String[]::new));
                    terms.add(
                            random.nextBoolean()
                                    ? of
                                    : of.withOnEvaluationError(Authorization.EvaluationErrorPolicy.DENY));
                }
            }
            try (PolicyEngine direct = engine(terms, compiler);
                    PolicyEngine inFull = engine(terms, this::inFull)) {
                for (Map.Entry<PolicyRequest, @Nullable VerifiedToken> of : cases(random)) {
                    Decision.Allow earlier =
                            new Decision.Allow(of.getValue(), List.of(), new Explanation("given", List.of()));
                    assertThat(told(direct.decide(of.getKey(), earlier)))
                            .isEqualTo(told(inFull.decide(of.getKey(), earlier)));
                }
            }
        }
    }

    private static PolicyEngine engine(List<Authorization> terms, ExpressionCompiler expressions) {
        List<TrafficPolicy> policies = new ArrayList<>();
        for (Authorization of : terms) {
            policies.add(TrafficPolicy.of("p" + policies.size(), null, of));
        }
        return PolicyEngine.builder()
                .policies(policies)
                .allowingEverything()
                .expressions(expressions)
                .build();
    }

    private CompiledExpression inFull(String text, ResultType type) throws InvalidExpressionException {
        CelExpression rule = (CelExpression) compiler.compile(text, type);
        return new CompiledExpression() {
            @Override
            public Set<String> reads() {
                return rule.reads();
            }

            @Override
            public @Nullable Object evaluate(PolicyRequest request, @Nullable VerifiedToken token)
                    throws EvaluationException {
                return evaluate(request, token, new EvaluationContext());
            }

            @Override
            public @Nullable Object evaluate(
                    PolicyRequest request, @Nullable VerifiedToken token, EvaluationContext context)
                    throws EvaluationException {
                return rule.evaluateInFull(request, token, context);
            }

            @Override
            public List<SubExpression> subExpressions(PolicyRequest request, @Nullable VerifiedToken token) {
                return rule.subExpressions(request, token);
            }
        };
    }

    private static List<Object> told(Decision decision) {
        Explanation why = decision.explanation();
        List<Object> told = new ArrayList<>(List.of(why.summary(), why.rules().size()));
        if (decision instanceof Decision.Deny deny) {
            told.add(deny.reason());
        }
        why.rules().forEach(rule -> told.add(rule + " " + rule.parts()));
        why.decisive().forEach(rule -> told.add(why.rules().indexOf(rule)));
        return told;
    }

    private @Nullable CelExpression compiled(String text) {
        try {
            return (CelExpression) compiler.compile(text, ResultType.BOOLEAN);
        } catch (InvalidExpressionException typesDiffer) {
            return null;
        }
    }

    private static int compare(
            List<CelExpression> rules, PolicyRequest request, @Nullable VerifiedToken token, long steps) {
        EvaluationContext one = left(steps);
        EvaluationContext other = left(steps);
        if (steps % 2 == 0) {
            // As the engine does before it asks rules that look at the body.
            one.body().contradiction(request, one, true);
            other.body().contradiction(request, other, true);
        }
        int values = 0;
        for (CelExpression rule : rules) {
            String directly = outcome(() -> rule.evaluate(request, token, one));
            String inFull = outcome(() -> rule.evaluateInFull(request, token, other));
            assertThat(directly).as("%s", rule).isEqualTo(inFull);
            assertThat(one.left()).as("what is left after %s", rule).isEqualTo(other.left());
            values += directly.startsWith("error") ? 0 : 1;
        }
        return values;
    }

    private static EvaluationContext left(long steps) {
        EvaluationContext context = new EvaluationContext();
        context.spend(EvaluationContext.STEPS - steps);
        return context;
    }

    @FunctionalInterface
    private interface Evaluated {
        @Nullable
        Object value() throws EvaluationException;
    }

    private static String outcome(Evaluated evaluated) {
        try {
            return String.valueOf(evaluated.value());
        } catch (EvaluationException e) {
            return "error: " + e.getMessage();
        }
    }

    private static String condition(Random random, int depth) {
        int kind = random.nextInt(depth > 0 ? 15 : 9);
        return switch (kind) {
            case 0, 1 -> one(TEXTS, random) + one(List.of(" == ", " != "), random) + one(LITERALS, random);
            case 2 ->
                one(TEXTS, random)
                        + one(List.of(" == ", " != "), random)
                        + one(List.of("3", "true", "null", "jwt.sub", "2.5", "b'a'"), random);
            case 3 ->
                one(TEXTS, random)
                        + one(List.of(" < ", " >= ", " > ", " <= "), random)
                        + one(List.of("3", "'m'", "2.5", "-1"), random);
            case 4 ->
                one(TEXTS, random)
                        + one(List.of(".startsWith(", ".endsWith(", ".contains(", ".matches("), random)
                        + one(LITERALS, random) + ")";
            case 5 -> one(random.nextBoolean() ? LITERALS : TEXTS, random) + " in " + one(LISTS, random);
            case 6 -> "has(" + one(PRESENT, random) + ")";
            case 7 ->
                one(
                        List.of(
                                "true",
                                "jwt.active",
                                "jwt.sub",
                                "size(jwt.roles) > 2",
                                "jwt.roles.exists(r, r == 'admin')",
                                "default(jwt.none, 'x') == 'x'"),
                        random);
            case 8 -> one(LISTS, random) + ".exists(e, " + loop(random) + ")";
            case 9 -> "!(" + condition(random, depth - 1) + ")";
            case 10 ->
                condition(random, depth - 1) + " ? " + condition(random, depth - 1) + " : "
                        + condition(random, depth - 1);
            case 11, 12 -> "(" + condition(random, depth - 1) + ") || (" + condition(random, depth - 1) + ")";
            default -> "(" + condition(random, depth - 1) + ") && (" + condition(random, depth - 1) + ")";
        };
    }

    private static String loop(Random random) {
        return one(
                List.of(
                        "e == 'a'",
                        "e != 'admin'",
                        "e.startsWith('ad') && jwt.sub == 'alice'",
                        "e in ['b', 'admin'] || e == jwt.sub",
                        "e == 3",
                        "e.exists(f, f == 'b')",
                        "has(e.x)",
                        "!(e.contains('d'))",
                        "request.headers['x-team'] == e"),
                random);
    }

    private static String one(List<String> of, Random random) {
        return of.get(random.nextInt(of.size()));
    }

    private static List<Map.Entry<PolicyRequest, @Nullable VerifiedToken>> cases(Random random) {
        List<Map.Entry<PolicyRequest, @Nullable VerifiedToken>> cases = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            RequestBuilder request = PolicyRequest.builder(
                    random.nextBoolean() ? "POST" : "GET",
                    one(List.of("/v1/chat", "/v1/chat?a=b", "https://example.com/v1/models", "/"), random));
            if (random.nextBoolean()) {
                request.header("x-team", one(List.of("a", "t1", "é", ""), random));
                request.header("x-two", "a").header("x-two", "b").header("Accept", "a");
            }
            if (random.nextInt(4) == 0) {
                request.header("x-long", "a".repeat(random.nextInt(2_000)));
                request.attribute("request.path", "/other");
            }
            if (random.nextInt(8) == 0) {
                request.attribute("jwt", Map.of("sub", "alice", "rawToken", "x"));
            }
            if (random.nextInt(3) == 0) {
                request.body(one(BODIES, random).getBytes(StandardCharsets.UTF_8));
            }
            cases.add(new SimpleEntry<>(request.build(), random.nextInt(5) == 0 ? null : token(random)));
        }
        return cases;
    }

    private static VerifiedToken token(Random random) {
        Map<String, @Nullable Object> claims = new HashMap<>();
        claims.put("sub", random.nextInt(6) == 0 ? 7L : one(List.of("alice", "bob", "/v1/chat"), random));
        claims.put("https://example.com/team", "t1");
        claims.put("org", Map.of("team", "t1", "groups", List.of("a", "admin")));
        claims.put("nothing", null);
        claims.put("long", "x".repeat(random.nextInt(3_000)));
        claims.put("level", random.nextInt(5) == 0 ? (Object) "3" : (Object) (long) random.nextInt(5));
        claims.put("ratio", 2.5);
        claims.put("large", BigInteger.TWO.pow(64));
        claims.put("active", random.nextInt(4) == 0 ? "yes" : (Object) random.nextBoolean());
        claims.put("roles", random.nextInt(6) == 0 ? "admin" : List.of("a", "b", "admin"));
        claims.put(
                "many",
                IntStream.range(0, random.nextInt(40)).mapToObj(i -> "é" + i).toList());
        claims.put("mixed", List.of(1L, "a", 2.5, List.of("a"), Map.of("a", 1L), true));
        claims.put("nested", List.of(List.of("a", "b"), List.of("c")));
        claims.put("empty", List.of());
        if (random.nextInt(4) == 0) {
            claims.keySet().removeIf(name -> random.nextBoolean());
        }
        return new VerifiedToken("https://issuer.test", "k", claims);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "request.path == '/a'",
                "request.path.startsWith('/team/') && 'team' in jwt.groups",
                "request.headers['x-team'] == 'a'",
                "has(jwt.team) && jwt.team in ['a', 'b']",
                "request.method in ['GET', 'HEAD'] || jwt.level >= 3",
                "jwt.groups.exists(g, g == 'a') && request.path == '/a'",
                "llm.requestModel in ['a', 'b'] && jwt['https://example.com/team'] == 'a'",
                "request.path == '/a' && size(jwt.groups) > 3"
            })
    void whatMostRulesAre(String rule) throws Exception {
        assertThat(((CelExpression) compiler.compile(rule, ResultType.BOOLEAN)).isDirect())
                .isTrue();
    }
}
