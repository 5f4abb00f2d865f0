package io.gatepost.policy.expression;


/**
 * Turns an expression's text into something that can be evaluated. The one seam through which an expression language
 * comes to the core; handed to {@link io.gatepost.policy.PolicyEngine.Builder#expressions}. Implementations are thread-safe.
 */
public interface ExpressionCompiler {
    /** What an expression must yield. */
    enum ResultType {
        /** True or false; an expression whose type can't be boolean is refused. */
        BOOLEAN,
        /** Any value. */
        ANY
    }

    /**
     * Compiles an expression.
     *
     * @param text the expression
     * @param resultType what it must yield
     * @return the compiled expression
     * @throws InvalidExpressionException with every problem found, each with its position in the text
     */
    CompiledExpression compile(String text, ResultType resultType) throws InvalidExpressionException;
}
