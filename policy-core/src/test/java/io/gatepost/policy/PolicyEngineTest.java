package io.gatepost.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.Authorization.EvaluationErrorPolicy;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.model.TrafficPolicy.Inheritance;
import io.gatepost.policy.request.RequestView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PolicyEngineTest {
    private static final PolicyRequest REQUEST =
            PolicyRequest.builder("GET", "http://localhost/").build();

    @Test
    void refusesToBuildWithEveryProblemAtItsPositionInTheDocument() {
        Origin first = new Origin("policy.yaml", 12, 15, "spec.traffic.authorization.policy.matchExpressions[0]");
        Origin second = new Origin("policy.yaml", 13, 15, "spec.traffic.authorization.policy.matchExpressions[1]");
        Authorization authorization = new Authorization(
                AuthorizationAction.ALLOW,
                List.of(new MatchExpression("nonsense", first), new MatchExpression("rubbish", second)),
                EvaluationErrorPolicy.DENY,
                first);

        assertThatThrownBy(() -> engine(TrafficPolicy.of("p", null, authorization)))
                .isInstanceOf(InvalidPolicyException.class)
                .hasMessage("""
                        policy.yaml:12:17: spec.traffic.authorization.policy.matchExpressions[0]: not a word of this language
                        policy.yaml:13:17: spec.traffic.authorization.policy.matchExpressions[1]: not a word of this language""");
    }

    @Test
    void refusesRulesWithoutACompiler() {
        TrafficPolicy policy = TrafficPolicy.of("p", null, Authorization.of(AuthorizationAction.ALLOW, "true"));

        assertThatThrownBy(
                        () -> PolicyEngine.builder().policies(List.of(policy)).build())
                .isInstanceOf(InvalidPolicyException.class)
                .hasMessageContaining("expressions(...)");
    }

    @Test
    void saysWhichRequiredRulesLetARequestThrough() {
        Explanation one = engine(required("true")).decide(REQUEST).explanation();
        Explanation two = engine(required("true", "true")).decide(REQUEST).explanation();

        assertThat(one.summary()).startsWith("the Require expression held: ").contains("`true`");
        assertThat(two.summary()).isEqualTo("all 2 Require expressions held");
        assertThat(two.decisive()).isEqualTo(two.rules()).hasSize(2);
    }

    private static TrafficPolicy required(String... expressions) {
        return TrafficPolicy.of("p", null, Authorization.of(AuthorizationAction.REQUIRE, expressions));
    }

    @Test
    void refusesARequestThatItsServerReadsOtherwise() {
        List<Decision> told = new ArrayList<>();
        PolicyEngine engine = PolicyEngine.builder()
                .allowingEverything()
                .listener((request, decision, elapsed) -> told.add(decision))
                .build();
        PolicyRequest dispatchedOtherwise = new RequestView(REQUEST) {
            @Override
            public String problem() {
                return "the server reads another path";
            }
        };

        Decision decision = engine.decide(dispatchedOtherwise);

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Deny.class, deny -> assertThat(deny.reason()).isEqualTo(DenyReason.REQUEST_MALFORMED));
        assertThat(decision.explanation().summary()).isEqualTo("the server reads another path");
        assertThat(told).containsExactly(decision);
    }

    @Test
    void namesWhatItsRulesRead() {
        PolicyEngine engine = engine(
                TrafficPolicy.of("p", null, Authorization.of(AuthorizationAction.ALLOW, "reads request.body", "true")));

        assertThat(engine.reads()).containsExactly("request.body");
    }

    @Test
    void keepsAnOverridingPolicysRulesAgainstMoreSpecificOnes() {
        TrafficPolicy gateway = policy(Inheritance.OVERRIDE, "true");
        TrafficPolicy route = policy(Inheritance.DEFAULT, "false");

        assertThat(engine(gateway, route).decide(REQUEST)).isInstanceOf(Decision.Allow.class);
        assertThat(engine(route, gateway).decide(REQUEST)).isInstanceOf(Decision.Deny.class);
    }

    @Test
    void tellsListenersOfEveryDecision() {
        List<Decision> heard = new ArrayList<>();
        PolicyEngine engine = PolicyEngine.builder()
                .policies(List.of(policy(Inheritance.DEFAULT, "false")))
                .expressions(new ConstantExpressions())
                .listener((request, decision, elapsed) -> {
                    heard.add(decision);
                    assertThat(elapsed).isGreaterThanOrEqualTo(Duration.ZERO);
                })
                .build();

        Decision decision = engine.decide(REQUEST);

        assertThat(heard).containsExactly(decision);
    }

    @ParameterizedTest
    @MethodSource
    void throwsWhatAListenerThrewToWhoeverWaits(Throwable thrown) {
        PolicyEngine engine = PolicyEngine.builder()
                .policies(List.of(policy(Inheritance.DEFAULT, "true")))
                .expressions(new ConstantExpressions())
                .listener((request, decision, elapsed) -> {
                    if (thrown instanceof Error error) {
                        throw error;
                    }
                    throw (RuntimeException) thrown;
                })
                .build();

        assertThatThrownBy(() -> engine.decide(REQUEST)).isSameAs(thrown);
    }

    static List<Throwable> throwsWhatAListenerThrewToWhoeverWaits() {
        return List.of(new IllegalStateException("full"), new AssertionError("a bug"));
    }

    @Test
    void isNotBuiltWithoutAPolicyUnlessThatIsMeant() {
        TrafficPolicy nothing = TrafficPolicy.of("nothing", null, null);

        assertThatThrownBy(() -> PolicyEngine.builder().build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("allowingEverything()");
        assertThatThrownBy(
                        () -> PolicyEngine.builder().policies(List.of(nothing)).build())
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> PolicyEngine.builder()
                        .policy(EffectivePolicy.of(List.of()))
                        .build())
                .isInstanceOf(IllegalStateException.class);
        assertThat(PolicyEngine.builder().allowingEverything().build().decide(REQUEST))
                .isInstanceOf(Decision.Allow.class);
    }

    @Test
    void refusesRealmsThatWouldBreakTheChallenge() {
        assertThatThrownBy(() -> PolicyEngine.builder()
                        .allowingEverything()
                        .realm("a\"b")
                        .build())
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static TrafficPolicy policy(Inheritance inheritance, String require) {
        return new TrafficPolicy(
                new ObjectName("default", "p"),
                List.of(),
                List.of(),
                Phase.POST_ROUTING,
                inheritance,
                null,
                Authorization.of(AuthorizationAction.REQUIRE, require),
                Origin.CODE);
    }

    private static PolicyEngine engine(TrafficPolicy... policies) {
        return PolicyEngine.builder()
                .policies(List.of(policies))
                .expressions(new ConstantExpressions())
                .build();
    }
}
