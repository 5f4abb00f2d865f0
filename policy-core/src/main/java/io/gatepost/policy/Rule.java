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
        CompiledExpression compiled,
        Redaction redaction) {

    RuleOutcome evaluate(PolicyRequest request, @Nullable VerifiedToken token) {
        RuleOutcome.Result result = RuleOutcome.Result.FAILED;
        String error = null;
        try {
            Object value = compiled.evaluate(request, token);
            if (value instanceof Boolean holds) {
                result = holds ? RuleOutcome.Result.MATCHED : RuleOutcome.Result.NOT_MATCHED;
            } else {
                error = "the result is not a boolean";
            }
        } catch (EvaluationException e) {
            error = e.getMessage();
        }
        return new RuleOutcome(this, result, error, request, token);
    }
}
