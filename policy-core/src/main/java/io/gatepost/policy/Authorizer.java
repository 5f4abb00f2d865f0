package io.gatepost.policy;

import io.gatepost.policy.RuleOutcome.Result;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.Diagnostic;
import io.gatepost.policy.model.EvaluationErrorPolicy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rule algebra (reference section 2.2, with DESIGN's difference 3): a Deny that holds or fails denies, then every
 * Require must hold, then one Allow must hold where there are any. All policies' rules are pooled.
 */
final class Authorizer {
    private final List<Rule> denies;
    private final List<Rule> requires;
    private final List<Rule> allows;

    Authorizer(List<Rule> rules) {
        denies = of(AuthorizationAction.DENY, rules);
        requires = of(AuthorizationAction.REQUIRE, rules);
        allows = of(AuthorizationAction.ALLOW, rules);
    }

    private static List<Rule> of(AuthorizationAction action, List<Rule> rules) {
        return rules.stream().filter(rule -> rule.action() == action).toList();
    }

    /** What the rules say; {@code reason} is null where they allow. */
    record Verdict(@Nullable DenyReason reason, Explanation explanation) {}

    Verdict authorize(PolicyRequest request, @Nullable VerifiedToken token, String authentication) {
        List<RuleOutcome> outcomes = new ArrayList<>();
        for (Rule rule : denies) {
            Result result = evaluate(rule, request, token, outcomes);
            if (result == Result.MATCHED) {
                return verdict(DenyReason.RULE_DENIED, "a Deny expression held", outcomes);
            }
            if (result == Result.FAILED && rule.onError() == EvaluationErrorPolicy.DENY) {
                return verdict(DenyReason.RULE_FAILED, "a Deny expression could not be evaluated", outcomes);
            }
        }
        for (Rule rule : requires) {
            if (evaluate(rule, request, token, outcomes) != Result.MATCHED) {
                return verdict(DenyReason.RULE_NOT_MATCHED, "a Require expression did not hold", outcomes);
            }
        }
        for (Rule rule : allows) {
            if (evaluate(rule, request, token, outcomes) == Result.MATCHED) {
                return verdict(null, "an Allow expression held", outcomes);
            }
        }
        return allows.isEmpty()
                ? new Verdict(null, new Explanation(authentication, outcomes))
                : verdict(DenyReason.RULE_NOT_MATCHED, "no Allow expression held", outcomes);
    }

    private static Result evaluate(
            Rule rule, PolicyRequest request, @Nullable VerifiedToken token, List<RuleOutcome> outcomes) {
        RuleOutcome outcome = rule.evaluate(request, token);
        outcomes.add(outcome);
        return outcome.result();
    }

    private static Verdict verdict(@Nullable DenyReason reason, String what, List<RuleOutcome> outcomes) {
        RuleOutcome last = outcomes.get(outcomes.size() - 1);
        String rule = Diagnostic.error(
                        last.expression().origin(), "`" + last.expression().text() + "`")
                .toString();
        String error = last.error() == null ? "" : " (" + last.error() + ")";
        return new Verdict(reason, new Explanation(what + ": " + rule + error, outcomes));
    }
}
