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

    /** Whether it holds; for a token, that may be known already. */
    boolean holds(Case judged) throws EvaluationException {
        TokenOutcomes known = compiled.readsTokenOnly() ? judged.known() : null;
        Boolean before = known == null ? null : known.held(number);
        if (before != null) {
            return before;
        }
        boolean holds = evaluate(judged);
        if (known != null) {
            known.keep(number, holds);
        }
        return holds;
    }

    private boolean evaluate(Case judged) throws EvaluationException {
        Object value;
        try {
            value = compiled.evaluate(judged.request(), judged.token(), judged.context());
        } catch (RuntimeException | StackOverflowError fault) {
            // Of the expression's own; what its message holds is not known.
            throw new EvaluationException(
                    "a fault while evaluating it: " + fault.getClass().getName());
        }
        if (value instanceof Boolean holds) {
            return holds;
        }
        throw new EvaluationException("the result is not a boolean");
    }
}
