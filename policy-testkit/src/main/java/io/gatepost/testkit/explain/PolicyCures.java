package io.gatepost.testkit.explain;

import io.gatepost.policy.RuleOutcome;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.EvaluationErrorPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Which rule of the policy would have to mean something else. */
final class PolicyCures {
    private PolicyCures() {}

    static List<Cure> of(Trial trial, Guard guard, World world, List<RuleOutcome> decisive) {
        List<Cure> cures = new ArrayList<>();
        for (RuleOutcome rule : decisive) {
            if (rule.action() == AuthorizationAction.DENY && rule.result() == RuleOutcome.Result.FAILED) {
                Guard ignoring = guard.withRule(
                        rule.policy(), rule.expression(), AuthorizationAction.DENY, EvaluationErrorPolicy.IGNORE);
                addIfAllowed(trial, ignoring, world, rule, "`onEvaluationError: Ignore`", cures);
            }
            for (AuthorizationAction action : milder(rule.action())) {
                if (cures.isEmpty()) {
                    Guard other = guard.withRule(rule.policy(), rule.expression(), action, EvaluationErrorPolicy.DENY);
                    addIfAllowed(
                            trial,
                            other,
                            world,
                            rule,
                            "action " + word(action) + ", not " + word(rule.action()),
                            cures);
                }
            }
        }
        return cures;
    }

    /** Not the opposite: what was meant to let some pass is not to keep them out. */
    private static List<AuthorizationAction> milder(AuthorizationAction action) {
        return switch (action) {
            case DENY -> List.of(AuthorizationAction.ALLOW, AuthorizationAction.REQUIRE);
            case REQUIRE -> List.of(AuthorizationAction.ALLOW);
            case ALLOW -> List.of();
        };
    }

    private static void addIfAllowed(
            Trial trial, Guard changed, World world, RuleOutcome rule, String what, List<Cure> cures) {
        if (trial.allows(world, changed)) {
            String place = rule.expression().origin().place();
            String text = "in the policy " + rule.policy() + (place.isEmpty() ? "" : " at " + place) + ": " + what;
            cures.add(new Cure(List.of(new Change(Change.Kind.ACTION, place, text))));
        }
    }

    private static String word(AuthorizationAction action) {
        String name = action.name();
        return name.charAt(0) + name.substring(1).toLowerCase(Locale.ROOT);
    }
}
