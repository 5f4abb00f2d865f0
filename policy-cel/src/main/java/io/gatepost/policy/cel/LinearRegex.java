package io.gatepost.policy.cel;

import com.google.re2j.Pattern;
import io.gatepost.policy.expression.InvalidExpressionException;
import io.gatepost.policy.expression.InvalidExpressionException.Problem;
import io.gatepost.policy.expression.PatternCompiler;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression of RE2's syntax, within the same bounds as one that stands in an expression: at most 4,096
 * characters and 1,000 instructions. It takes time linear in the text. Two of one text are equal. Immutable and
 * thread-safe. {@code LinearRegex::of} is a {@link PatternCompiler}.
 *
 * @see <a href="https://github.com/google/re2/wiki/Syntax">RE2's syntax</a>
 */
public final class LinearRegex implements PatternCompiler.Pattern {
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

    @Override
    public boolean matches(String text) {
        return pattern.matches(text);
    }

    @Override
    public long steps(int length) {
        return Regex.steps(pattern, length);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LinearRegex regex && regex.toString().equals(toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    @Override
    public String toString() {
        return pattern.pattern();
    }
}
