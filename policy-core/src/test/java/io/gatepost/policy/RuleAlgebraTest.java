package io.gatepost.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.EvaluationErrorPolicy;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.Origin;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/**
 * The algebra of Allow, Deny and Require, over every small combination of rules, against a table written another way.
 */
class RuleAlgebraTest {
    private static final PolicyRequest REQUEST =
            PolicyRequest.builder("GET", "http://localhost/").build();
    private static final List<List<String>> UP_TO_TWO = upToTwo(List.of("true", "false", "fail"));

    @Test
    void allowsWithoutAnyRule() {
        assertThat(decide(List.of())).isInstanceOf(Decision.Allow.class);
    }

    @Test
    void agreesWithTheTruthTableForUpToTwoRulesPerActionOverTwoPolicies() {
        SoftAssertions softly = new SoftAssertions();
        int cases = 0;
        for (EvaluationErrorPolicy onError : EvaluationErrorPolicy.values()) {
            for (List<String> denies : UP_TO_TWO) {
                for (List<String> requires : UP_TO_TWO) {
                    for (List<String> allows : UP_TO_TWO) {
                        for (boolean split : new boolean[] {false, true}) {
                            List<TrafficPolicy> policies = new ArrayList<>();
                            policies.addAll(policies(AuthorizationAction.ALLOW, allows, onError, split));
                            policies.addAll(policies(AuthorizationAction.REQUIRE, requires, onError, split));
                            policies.addAll(policies(AuthorizationAction.DENY, denies, onError, split));
                            boolean allowed = decide(policies) instanceof Decision.Allow;
                            softly.assertThat(allowed)
                                    .as("deny %s, require %s, allow %s, on error %s", denies, requires, allows, onError)
                                    .isEqualTo(tableAllows(denies, requires, allows, onError));
                            cases++;
                        }
                    }
                }
            }
        }
        softly.assertAll();
        assertThat(cases).isEqualTo(2 * 13 * 13 * 13 * 2);
    }

    /** The specification, not the implementation: four sentences of the reference, one line each. */
    private static boolean tableAllows(
            List<String> denies, List<String> requires, List<String> allows, EvaluationErrorPolicy onError) {
        boolean denied = denies.contains("true") || (onError == EvaluationErrorPolicy.DENY && denies.contains("fail"));
        boolean requirementMissed = requires.contains("false") || requires.contains("fail");
        boolean allowMissed = !allows.isEmpty() && !allows.contains("true");
        return !denied && !requirementMissed && !allowMissed;
    }

    @Test
    void saysWhichRuleDeniedAndWhatTheOthersCameTo() {
        Decision decision = decide(List.of(policy("p", AuthorizationAction.DENY, List.of("false", "true"))));

        assertThat(decision).isInstanceOfSatisfying(Decision.Deny.class, deny -> {
            assertThat(deny.reason()).isEqualTo(DenyReason.RULE_DENIED);
            assertThat(deny.challenge()).isNull();
            assertThat(deny.explanation().summary()).isEqualTo("a Deny expression held: `true`");
            assertThat(deny.explanation().rules())
                    .extracting(RuleOutcome::result)
                    .containsExactly(RuleOutcome.Result.NOT_MATCHED, RuleOutcome.Result.MATCHED);
        });
    }

    @Test
    void deniesWhereADenyExpressionCannotBeEvaluated() {
        Decision decision = decide(List.of(policy("p", AuthorizationAction.DENY, List.of("fail"))));

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Deny.class, deny -> assertThat(deny.reason()).isEqualTo(DenyReason.RULE_FAILED));
        assertThat(decision.explanation().summary()).endsWith("`fail` (no such key)");
    }

    @Test
    void countsAResultThatIsNoBooleanAsAnError() {
        assertThat(decide(List.of(policy("p", AuthorizationAction.ALLOW, List.of("text")))))
                .isInstanceOf(Decision.Deny.class);
        assertThat(decide(List.of(policy("p", AuthorizationAction.DENY, List.of("text")))))
                .isInstanceOf(Decision.Deny.class);
    }

    private static List<TrafficPolicy> policies(
            AuthorizationAction action, List<String> expressions, EvaluationErrorPolicy onError, boolean split) {
        if (expressions.isEmpty()) {
            return List.of();
        }
        List<List<String>> parts = split ? expressions.stream().map(List::of).toList() : List.of(expressions);
        return parts.stream()
                .map(part -> TrafficPolicy.of(
                        "p",
                        null,
                        new Authorization(
                                action,
                                part.stream()
                                        .map(text -> new MatchExpression(text, Origin.CODE))
                                        .toList(),
                                onError,
                                Origin.CODE)))
                .toList();
    }

    private static TrafficPolicy policy(String name, AuthorizationAction action, List<String> expressions) {
        return TrafficPolicy.of(name, null, Authorization.of(action, expressions.toArray(String[]::new)));
    }

    private static Decision decide(List<TrafficPolicy> policies) {
        return PolicyEngine.builder()
                .policies(policies)
                .expressions(new ConstantExpressions())
                .build()
                .decide(REQUEST);
    }

    private static List<List<String>> upToTwo(List<String> outcomes) {
        List<List<String>> lists = new ArrayList<>();
        lists.add(List.of());
        for (String first : outcomes) {
            lists.add(List.of(first));
            for (String second : outcomes) {
                lists.add(List.of(first, second));
            }
        }
        return lists;
    }
}
