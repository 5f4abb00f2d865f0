package io.gatepost.tools.lint;

import java.math.BigDecimal;
import java.util.List;
import java.util.Set;

/**
 * One test of one value, or its opposite.
 *
 * @param term the value, as it is written
 * @param domain what it can be at all
 * @param test how it is tested
 * @param operand with what: a constant; for {@link Test#ONE_OF} a list
 * @param holds whether the test must hold, or must not
 */
record Literal(String term, Domain domain, Test test, Object operand, boolean holds) {
    /** How a value is tested. */
    enum Test {
        ONE_OF,
        LESS,
        LESS_OR_EQUAL,
        STARTS_WITH,
        ENDS_WITH,
        CONTAINS,
        /** A condition that is not looked into: the value itself. */
        HOLDS
    }

    private static final Set<Test> ORDERS = Set.of(Test.LESS, Test.LESS_OR_EQUAL);

    boolean orders() {
        return ORDERS.contains(test);
    }

    Literal opposite() {
        return new Literal(term, domain, test, operand, !holds);
    }

    /** Whether a value passes. A test that would be an error is passed by none, its opposite neither. */
    boolean admits(Object value) {
        if (test == Test.ONE_OF) {
            return ((List<?>) operand).contains(value) == holds;
        }
        if (test == Test.HOLDS) {
            return value.equals(holds);
        }
        if (orders()) {
            Integer order = order(value, operand);
            return order != null && (test == Test.LESS ? order < 0 : order <= 0) == holds;
        }
        if (value instanceof String text && operand instanceof String part) {
            return passes(text, part) == holds;
        }
        return test == Test.CONTAINS;
    }

    private boolean passes(String text, String part) {
        return switch (test) {
            case STARTS_WITH -> text.startsWith(part);
            case ENDS_WITH -> text.endsWith(part);
            default -> text.contains(part);
        };
    }

    private static @org.jspecify.annotations.Nullable Integer order(Object one, Object other) {
        if (one instanceof BigDecimal number && other instanceof BigDecimal bound) {
            return number.compareTo(bound);
        }
        return one instanceof String text && other instanceof String bound ? compareCodePoints(text, bound) : null;
    }

    static int compareCodePoints(String one, String other) {
        return java.util.Arrays.compare(
                one.codePoints().toArray(), other.codePoints().toArray());
    }

    /** The kinds of value that it is no error for. */
    Set<Domain.Kind> kinds() {
        if (test == Test.ONE_OF) {
            return holds
                    ? ((List<?>) operand).stream().map(Domain.Kind::of).collect(java.util.stream.Collectors.toSet())
                    : Set.of(Domain.Kind.values());
        }
        if (test == Test.HOLDS) {
            return Set.of(Domain.Kind.TRUTH);
        }
        if (test == Test.CONTAINS) {
            return Set.of(Domain.Kind.TEXT, Domain.Kind.LIST, Domain.Kind.OTHER);
        }
        return orders() ? Set.of(Domain.Kind.of(operand)) : Set.of(Domain.Kind.TEXT);
    }
}
