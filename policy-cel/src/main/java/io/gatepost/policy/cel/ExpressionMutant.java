package io.gatepost.policy.cel;

import java.util.Objects;

/**
 * An expression with one small change, to find out whether tests notice. Made by {@link CelExpressionCompiler#mutants}.
 * Immutable.
 *
 * @param text the changed expression
 * @param line the 1-based line of the change in the expression's text
 * @param column the 1-based column of the change in that line, in code points
 * @param written what stands there
 * @param instead what stands there in the changed expression; empty where something is left out
 * @param within the operation that it belongs to, as it is written; empty where {@code written} says enough
 * @param dropsGuard whether a {@code has(...)} before {@code &&} is taken as given: where an error counts as false, the
 *     outcome is mostly the same
 */
public record ExpressionMutant(
        String text, int line, int column, String written, String instead, String within, boolean dropsGuard) {
    public ExpressionMutant {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(written, "written");
        Objects.requireNonNull(instead, "instead");
        Objects.requireNonNull(within, "within");
    }

    /**
     * The change.
     *
     * @return such as {@code `>=` were `>` in `jwt.level >= 3`}
     */
    @Override
    public String toString() {
        String change =
                instead.isEmpty() ? "`" + written + "` were left out" : "`" + written + "` were `" + instead + "`";
        return (within.isEmpty() ? change : change + " in `" + within + "`").replaceAll("\\s*\\R\\s*", " ");
    }
}
