package io.gatepost.policy.cel;

import com.google.re2j.Pattern;
import io.gatepost.policy.expression.InvalidExpressionException;
import io.gatepost.policy.expression.InvalidExpressionException.Problem;
import java.util.List;

/**
 * A regular expression of RE2's syntax, within the same bounds as one that stands in an expression: at most 4,096
 * characters and 1,000 instructions. It takes time linear in the text. Immutable and thread-safe.
 *
 * @see <a href="https://github.com/google/re2/wiki/Syntax">RE2's syntax</a>
 */
public final class LinearRegex {
    private final Pattern pattern;

    private LinearRegex(Pattern pattern) {
        this.pattern = pattern;
    }

    /**
     * Compiles a regular expression.
     *
     * @param text the regular expression
     * @return what matches it
     * @throws InvalidExpressionException where it is none or too large
     */
    public static LinearRegex of(String text) throws InvalidExpressionException {
        try {
            return new LinearRegex(Regex.compile(text));
        } catch (Failure e) {
            throw new InvalidExpressionException(List.of(new Problem(1, 1, e.reason())));
        }
    }

    /**
     * Whether the whole of a text matches.
     *
     * @param text the text
     * @return whether it matches from its first character to its last
     */
    public boolean matches(String text) {
        return pattern.matches(text);
    }

    /**
     * What it costs at most to match a text.
     *
     * @param length the text's length in characters
     * @return steps as in {@link io.gatepost.policy.expression.EvaluationContext}
     */
    public long steps(int length) {
        return Regex.steps(pattern, length);
    }

    @Override
    public String toString() {
        return pattern.pattern();
    }
}
