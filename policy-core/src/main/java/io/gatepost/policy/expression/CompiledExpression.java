package io.gatepost.policy.expression;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An expression that can be evaluated. Immutable and thread-safe. */
public interface CompiledExpression {
    /**
     * What the expression looks at: names of variables, for {@code request} with the field, such as {@code jwt},
     * {@code request.body}, {@code llm}. What is not named here need not be there when it is evaluated.
     *
     * @return the names
     */
    Set<String> reads();

    /**
     * Whether the value depends on the token and on nothing else, neither the request nor time nor chance. Such an
     * expression need not be evaluated again while the same token comes.
     *
     * @return false where it is not certain
     */
    default boolean readsTokenOnly() {
        return false;
    }

    /**
     * What is worth telling its author though the expression can be used, each with its position in the text.
     *
     * @return the warnings; none unless an implementation has some
     */
    default List<InvalidExpressionException.Problem> warnings() {
        return List.of();
    }

    /**
     * Evaluates the expression.
     *
     * @param request the request
     * @param token the verified token, or null where there is none
     * @return a string, {@code Long}, {@code Double}, boolean, byte array, list, map, or null
     * @throws EvaluationException where it has no value; the message names no claim value and no token text
     */
    @Nullable
    Object evaluate(PolicyRequest request, @Nullable VerifiedToken token) throws EvaluationException;

    /**
     * Evaluates the expression as one of several for the same request. What the engine calls; an implementation whose
     * expressions can be costly takes what they cost from the context, before it does the work.
     *
     * @param request the request
     * @param token the verified token, or null where there is none
     * @param context what the request's expressions share
     * @return as {@link #evaluate(PolicyRequest, VerifiedToken)}
     * @throws EvaluationException where it has no value, or there are no steps left
     */
    default @Nullable Object evaluate(PolicyRequest request, @Nullable VerifiedToken token, EvaluationContext context)
            throws EvaluationException {
        return evaluate(request, token);
    }

    /**
     * Evaluates the expression once more and tells what its parts came to. For explanations: called only when someone
     * asks, so evaluating pays nothing for it. A part whose value would be another one the next time, such as a random
     * number, is left out unless it is a boolean.
     *
     * @param request the request, as it was when the expression was evaluated
     * @param token the verified token, or null where there is none
     * @return the parts that were evaluated and depend on the request, each text once, inner ones before outer ones;
     *     empty where the language does not tell
     */
    default List<SubExpression> subExpressions(PolicyRequest request, @Nullable VerifiedToken token) {
        return List.of();
    }

    /**
     * As {@link #subExpressions(PolicyRequest, VerifiedToken)}, as one of several for the same request.
     *
     * @param request the request, as it was when the expression was evaluated
     * @param token the verified token, or null where there is none
     * @param context what the explanations of the request share; its start time is that of the decision
     * @return the parts
     */
    default List<SubExpression> subExpressions(
            PolicyRequest request, @Nullable VerifiedToken token, EvaluationContext context) {
        return subExpressions(request, token);
    }

    /**
     * A part of an expression and what it came to, secret or not.
     *
     * @param text the part
     * @param line the 1-based line where it starts in the expression's text
     * @param column the 1-based column where it starts in that line, in code points
     * @param reads paths of what its value comes from, such as {@code jwt.email} or {@code request.headers.cookie}
     * @param value a value as {@link #evaluate} gives it
     * @param decisive whether the whole would be another but for this: of {@code a && b} that does not hold, those that
     *     do not
     */
    record SubExpression(
            String text,
            int line,
            int column,
            Set<String> reads,
            @Nullable Object value,
            boolean decisive) {
        public SubExpression {
            reads = Set.copyOf(reads);
        }
    }
}
