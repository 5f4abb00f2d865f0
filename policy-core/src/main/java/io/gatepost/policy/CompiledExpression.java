package io.gatepost.policy;

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
}
