package io.gatepost.tools.lint;

import io.gatepost.tools.lint.Literal.Test;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Why tests can't all come out as said. What is not seen through counts as possible. */
final class Contradiction {
    private final String term;
    private final Domain domain;
    private final List<Literal> tests;

    private Contradiction(List<Literal> tests) {
        term = tests.get(0).term();
        domain = tests.get(0).domain();
        this.tests = tests;
    }

    /** The reason, in a phrase; null where there is none. */
    static @Nullable String in(List<Literal> tests) {
        Map<String, List<Literal>> byTerm = new LinkedHashMap<>();
        tests.forEach(test ->
                byTerm.computeIfAbsent(test.term(), term -> new ArrayList<>()).add(test));
        for (Collection<Literal> ofOne : byTerm.values()) {
            String reason = new Contradiction(List.copyOf(ofOne)).reason();
            if (reason != null) {
                return reason;
            }
        }
        return null;
    }

    private @Nullable String reason() {
        List<Object> candidates = candidates();
        if (candidates != null) {
            return candidates.stream().anyMatch(this::isPossible)
                    ? null
                    : "no value passes all tests of `" + term + "`";
        }
        Set<Domain.Kind> kinds = EnumSet.noneOf(Domain.Kind.class);
        kinds.addAll(domain.kinds());
        tests.forEach(test -> kinds.retainAll(test.kinds()));
        if (kinds.isEmpty()) {
            return "`" + term + "` is never of the type that it is compared with";
        }
        if (kinds.equals(Set.of(Domain.Kind.NUMBER))) {
            return range();
        }
        return kinds.equals(Set.of(Domain.Kind.TEXT)) ? text() : null;
    }

    /** The values that a test names, where one does; or true and false, where it can be nothing else. */
    private @Nullable List<Object> candidates() {
        for (Literal test : tests) {
            if (test.test() == Test.ONE_OF && test.holds()) {
                return List.copyOf((List<?>) test.operand());
            }
        }
        boolean truth = tests.stream().anyMatch(test -> test.test() == Test.HOLDS)
                || domain.kinds().equals(Set.of(Domain.Kind.TRUTH));
        return truth ? List.of(true, false) : null;
    }

    private boolean isPossible(Object value) {
        boolean ofDomain = domain.kinds().contains(Domain.Kind.of(value))
                && (!(value instanceof String text) || domain.text().test(text))
                && (!(value instanceof BigDecimal number)
                        || domain.least() == null
                        || number.compareTo(domain.least()) >= 0);
        return ofDomain && tests.stream().allMatch(test -> test.admits(value));
    }

    private @Nullable String range() {
        BigDecimal least = domain.least();
        boolean leastOpen = false;
        BigDecimal most = null;
        boolean mostOpen = false;
        for (Literal test : tests) {
            if (!test.orders() || !(test.operand() instanceof BigDecimal bound)) {
                continue;
            }
            boolean open = (test.test() == Test.LESS) == test.holds();
            if (test.holds() && (most == null || bound.compareTo(most) < 0 || (bound.compareTo(most) == 0 && open))) {
                most = bound;
                mostOpen = open;
            }
            if (!test.holds()
                    && (least == null || bound.compareTo(least) > 0 || (bound.compareTo(least) == 0 && open))) {
                least = bound;
                leastOpen = open;
            }
        }
        return least == null || most == null
                ? null
                : empty(least.compareTo(most), leastOpen || mostOpen, Constants.text(least), Constants.text(most));
    }

    private @Nullable String empty(int order, boolean open, String least, String most) {
        return order > 0 || (order == 0 && open)
                ? "`" + term + "` is not both from " + least + " and up to " + most
                : null;
    }

    private @Nullable String text() {
        for (Literal test : tests) {
            if (test.operand() instanceof String part && !isPossiblePart(test, part)) {
                return "`" + term + "` never has " + Constants.text(part) + " there";
            }
        }
        for (Literal one : tests) {
            for (Literal other : tests) {
                if (excludes(one, other)) {
                    return "`" + term + "` can't satisfy both tests of " + Constants.text(one.operand()) + " and "
                            + Constants.text(other.operand());
                }
            }
        }
        return textRange();
    }

    private boolean isPossiblePart(Literal test, String part) {
        if (!test.holds()) {
            // Everything starts with, ends with and contains the empty text.
            return test.orders() || test.test() == Test.ONE_OF || !part.isEmpty();
        }
        return test.orders() || domain.part().test(part);
    }

    private static boolean excludes(Literal one, Literal other) {
        if (!one.holds() || !(one.operand() instanceof String first) || !(other.operand() instanceof String second)) {
            return false;
        }
        boolean starts = one.test() == Test.STARTS_WITH && other.test() == Test.STARTS_WITH;
        boolean ends = one.test() == Test.ENDS_WITH && other.test() == Test.ENDS_WITH;
        if (other.holds()) {
            return (starts && !first.startsWith(second) && !second.startsWith(first))
                    || (ends && !first.endsWith(second) && !second.endsWith(first));
        }
        boolean part = Set.of(Test.STARTS_WITH, Test.ENDS_WITH, Test.CONTAINS).contains(one.test());
        return (starts && first.startsWith(second))
                || (ends && first.endsWith(second))
                || (part && other.test() == Test.CONTAINS && first.contains(second));
    }

    /** Texts are ordered by their characters. */
    private @Nullable String textRange() {
        List<Literal> orders = tests.stream().filter(Literal::orders).collect(Collectors.toList());
        for (Literal below : orders) {
            for (Literal above : orders) {
                if (below.holds()
                        && !above.holds()
                        && below.operand() instanceof String most
                        && above.operand() instanceof String least) {
                    boolean open = below.test() == Test.LESS || above.test() == Test.LESS_OR_EQUAL;
                    String reason = empty(
                            Literal.compareCodePoints(least, most), open, Constants.text(least), Constants.text(most));
                    if (reason != null) {
                        return reason;
                    }
                }
            }
        }
        return null;
    }
}
