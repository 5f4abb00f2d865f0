package io.gatepost.policy;

import io.gatepost.policy.Authorizer.Case;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.expression.CompiledExpression;
import io.gatepost.policy.expression.EvaluationException;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.Authorization.EvaluationErrorPolicy;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.token.TokenOutcomes;

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
    RuleOutcome outcome(Case judged) {
        TokenOutcomes known = judged.known();
        if (known == null || !compiled.readsTokenOnly()) {
            return evaluate(judged);
        }
        Boolean before = known.held(number);
        if (before != null) {
            return new RuleOutcome(this, result(before), null, judged);
        }
        RuleOutcome outcome = evaluate(judged);
        if (outcome.result() != RuleOutcome.Result.FAILED) {
            known.keep(number, outcome.result() == RuleOutcome.Result.MATCHED);
        }
        return outcome;
    }

    private static RuleOutcome.Result result(boolean held) {
        return held ? RuleOutcome.Result.MATCHED : RuleOutcome.Result.NOT_MATCHED;
    }

    private RuleOutcome evaluate(Case judged) {
        RuleOutcome.Result result = RuleOutcome.Result.FAILED;
        String error = null;
        try {
            Object value = compiled.evaluate(judged.request(), judged.token(), judged.context());
            if (value instanceof Boolean holds) {
                result = result(holds);
            } else {
                error = "the result is not a boolean";
            }
        } catch (EvaluationException e) {
            error = e.getMessage();
        } catch (RuntimeException | StackOverflowError fault) {
            // Of the expression's own; what its message holds is not known.
            error = "a fault while evaluating it: " + fault.getClass().getName();
        }
        return new RuleOutcome(this, result, error, judged);
    }
}
