package io.gatepost.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RuleOutcome;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.expression.CompiledExpression;
import io.gatepost.policy.expression.EvaluationException;
import io.gatepost.policy.expression.ExpressionCompiler;
import io.gatepost.policy.expression.InvalidExpressionException;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.token.TokenIssuer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules that look at nothing but the token are evaluated once for each; all others each time. */
class OncePerTokenTest {
    private final TokenIssuer issuer = TokenIssuer.of("https://issuer.test");
    private final String alice = issuer.token().subject("alice").compact();
    private final String bob = issuer.token().subject("bob").compact();
    private final List<String> evaluated = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jwt.sub == 'alice'",
                "jwt.sub in ['alice', 'carol']",
                "['a', 'x'].exists(x, jwt.sub.startsWith(x))",
                "has(jwt.sub) && size(jwt.sub) == 5",
                "true"
            })
    void ofTheTokenAlone(String expression) {
        PolicyEngine engine = engine(expression);

        decide(engine, alice, "/a");
        Decision again = decide(engine, alice, "/b");
        Decision other = decide(engine, bob, "/a");

        assertThat(evaluated).hasSize(2);
        assertThat(again).isInstanceOf(Decision.Allow.class);
        assertThat(other instanceof Decision.Allow).isEqualTo(!expression.contains("jwt"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "request.path == '/a' || jwt.sub == 'x'",
                "jwt.sub == request.headers['x']",
                "random() >= 0.0 && jwt.sub == 'alice'",
                "uuid() != jwt.sub",
                "source.address == jwt.sub",
                "jwt.absent == 'x'",
                "cel.bind(request, jwt.sub, request == 'alice')"
            })
    void ofAnythingElse(String expression) {
        PolicyEngine engine = engine(expression);

        decide(engine, alice, "/a");
        decide(engine, alice, "/b");

        assertThat(evaluated).hasSize(2);
    }

    @Test
    void saysTheSameOfItTheSecondTime() {
        PolicyEngine engine = engine("jwt.sub == 'bob'");

        Decision first = decide(engine, alice, "/a");
        Decision second = decide(engine, alice, "/a");

        assertThat(second.explanation()).hasToString(first.explanation().toString());
        assertThat(second.explanation().rules().get(0).result()).isEqualTo(RuleOutcome.Result.NOT_MATCHED);
        assertThat(second.explanation().rules().get(0).parts())
                .isEqualTo(first.explanation().rules().get(0).parts())
                .isNotEmpty();
    }

    @Test
    void keepsRulesApart() {
        PolicyEngine engine = engine("jwt.sub == 'x'", "jwt.sub == 'y'", "jwt.sub == 'alice'");

        decide(engine, alice, "/");

        assertThat(decide(engine, alice, "/").explanation().rules())
                .extracting(RuleOutcome::result)
                .containsExactly(
                        RuleOutcome.Result.NOT_MATCHED, RuleOutcome.Result.NOT_MATCHED, RuleOutcome.Result.MATCHED);
        assertThat(evaluated).hasSize(3);
    }

    private static Decision decide(PolicyEngine engine, String token, String path) {
        return engine.decide(PolicyRequest.builder("GET", path)
                .header("Authorization", "Bearer " + token)
                .build());
    }

    private PolicyEngine engine(String... expressions) {
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of(
                        "p",
                        JwtAuthentication.of(JwtMode.STRICT, issuer.provider()),
                        Authorization.of(AuthorizationAction.ALLOW, expressions))))
                .expressions(new Counting(new CelExpressionCompiler()))
                .build();
    }

    /** CEL that notes what is evaluated. */
    private final class Counting implements ExpressionCompiler {
        private final ExpressionCompiler compiler;

        Counting(ExpressionCompiler compiler) {
            this.compiler = compiler;
        }

        @Override
        public CompiledExpression compile(String text, ResultType resultType) throws InvalidExpressionException {
            CompiledExpression compiled = compiler.compile(text, resultType);
            return new CompiledExpression() {
                @Override
                public Set<String> reads() {
                    return compiled.reads();
                }

                @Override
                public boolean readsTokenOnly() {
                    return compiled.readsTokenOnly();
                }

                @Override
                public @Nullable Object evaluate(PolicyRequest request, @Nullable VerifiedToken token)
                        throws EvaluationException {
                    evaluated.add(text);
                    return compiled.evaluate(request, token);
                }

                @Override
                public List<SubExpression> subExpressions(PolicyRequest request, @Nullable VerifiedToken token) {
                    return compiled.subExpressions(request, token);
                }
            };
        }
    }
}
