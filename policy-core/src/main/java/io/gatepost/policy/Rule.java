package io.gatepost.policy;

import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.Diagnostic;
import io.gatepost.policy.model.EvaluationErrorPolicy;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.ObjectName;
import org.jspecify.annotations.Nullable;

/**
 * One compiled expression and what it means that it holds.
 *
 * @param number which of its engine's expressions it is, from 0
 * @param shown the expression with its position, for explanations
 * @param held the summary of a decision that it made by holding; a Require expression makes none
 */
record Rule(
        int number,
        ObjectName policy,
        AuthorizationAction action,
        EvaluationErrorPolicy onError,
        MatchExpression source,
        CompiledExpression compiled,
        Redaction redaction,
        String shown,
        String held) {

    static Rule of(
            int number,
            ObjectName policy,
            Authorization terms,
            MatchExpression source,
            CompiledExpression compiled,
            Redaction redaction) {
        String shown =
                Diagnostic.error(source.origin(), "`" + source.text() + "`").toString();
        String held =
                terms.action() == AuthorizationAction.DENY ? "a Deny expression held: " : "an Allow expression held: ";
        return new Rule(
                number,
                policy,
                terms.action(),
                terms.onEvaluationError(),
                source,
                compiled,
                redaction,
                shown,
                held + shown);
    }

    /** What it comes to for a token, where that may be known already. */
    RuleOutcome outcome(PolicyRequest request, @Nullable VerifiedToken token, @Nullable TokenOutcomes known) {
        if (known == null || !compiled.readsTokenOnly()) {
            return evaluate(request, token);
        }
        RuleOutcome.Result before = known.of(this);
        if (before != null) {
            return new RuleOutcome(this, before, null, request, token);
        }
        RuleOutcome outcome = evaluate(request, token);
        known.keep(outcome);
        return outcome;
    }

    private RuleOutcome evaluate(PolicyRequest request, @Nullable VerifiedToken token) {
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
