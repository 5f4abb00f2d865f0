package io.gatepost.policy.expression;


/**
 * Turns the text of a regular expression into something that matches texts. The seam through which documents that hold
 * regular expressions are read without knowing the library behind them. Implementations are thread-safe.
 */
@FunctionalInterface
public interface PatternCompiler {
    /**
     * A compiled regular expression. Immutable and thread-safe. It takes time linear in the text, and its
     * {@code toString} is the regular expression as it is written.
     */
    interface Pattern {
        /**
         * Whether the whole of a text matches.
         *
         * @param text the text
         * @return whether it matches from its first character to its last
         */
        boolean matches(String text);

        /**
         * The most that it costs to match a text.
         *
         * @param length the text's length in characters
         * @return steps as in {@link EvaluationContext}
         */
        long steps(int length);
    }

    /**
     * Compiles a regular expression.
     *
     * @param text the regular expression
     * @return the compiled one
     * @throws InvalidExpressionException where the text is no regular expression or is too large
     */
    Pattern compile(String text) throws InvalidExpressionException;
}
