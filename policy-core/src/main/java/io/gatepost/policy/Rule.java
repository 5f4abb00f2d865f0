package io.gatepost.policy;

import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.EvaluationErrorPolicy;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.ObjectName;
import org.jspecify.annotations.Nullable;

/** One compiled expression and what it means that it holds. */
record Rule(
        ObjectName policy,
        AuthorizationAction action,
        EvaluationErrorPolicy onError,
        MatchExpression source,
        CompiledExpression compiled) {

    RuleOutcome evaluate(PolicyRequest request, @Nullable VerifiedToken token) {
        try {
            Object value = compiled.evaluate(request, token);
            if (value instanceof Boolean holds) {
                return outcome(holds ? RuleOutcome.Result.MATCHED : RuleOutcome.Result.NOT_MATCHED, null);
            }
            return outcome(RuleOutcome.Result.FAILED, "the result is not a boolean");
        } catch (EvaluationException e) {
            return outcome(RuleOutcome.Result.FAILED, e.getMessage());
        }
    }

    private RuleOutcome outcome(RuleOutcome.Result result, @Nullable String error) {
        return new RuleOutcome(policy, action, source, result, error);
    }
}
