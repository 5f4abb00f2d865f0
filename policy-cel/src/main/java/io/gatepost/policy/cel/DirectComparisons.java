package io.gatepost.policy.cel;

import com.google.re2j.Pattern;
import dev.cel.common.values.NullValue;
import io.gatepost.policy.cel.Direct.Problem;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The {@link Direct} forms of what compares a value with others. */
final class DirectComparisons {
    private DirectComparisons() {}

    /** {@code a == b} and {@code a != b}. */
    static final class Equal extends Direct {
        private final Direct left;
        private final Direct right;
        private final boolean wanted;

        Equal(Direct left, Direct right, boolean wanted) {
            super(1);
            this.left = left;
            this.right = right;
            this.wanted = wanted;
        }

        @Override
        @Nullable
        Object value(Readings readings) {
            Object one = left.value(readings);
            if (one == null || one instanceof Problem) {
                return one;
            }
            Object other = right.value(readings);
            if (other == null || other instanceof Problem) {
                return other;
            }
            if (one instanceof String text && other instanceof String another) {
                return paid(text.equals(another) == wanted, readings);
            }
            if (other instanceof NullValue) {
                return one instanceof NullValue || isPlain(one)
                        ? paid(one instanceof NullValue == wanted, readings)
                        : null;
            }
            boolean known = (one instanceof Boolean && other instanceof Boolean)
                    || (one instanceof Long && other instanceof Long);
            return known ? paid(one.equals(other) == wanted, readings) : null;
        }

        private static boolean isPlain(Object value) {
            return value instanceof String
                    || value instanceof Boolean
                    || value instanceof Long
                    || value instanceof MapValue
                    || value instanceof ListValue;
        }
    }

    /** {@code a < b} and its like, of integers. */
    static final class Order extends Direct.OfOne {
        private final long right;
        private final Set<Integer> wanted;

        /** @param wanted the signs of the difference that make it true */
        Order(Direct left, long right, Set<Integer> wanted) {
            super(left, 2);
            this.right = right;
            this.wanted = wanted;
        }

        @Override
        @Nullable
        Object of(Object value, Readings readings) {
            return value instanceof Long number ? paid(wanted.contains(Long.compare(number, right)), readings) : null;
        }
    }

    /** What is asked of one text with a literal. */
    @FunctionalInterface
    interface Test {
        boolean of(String text, Readings readings);

        static Test matches(Pattern pattern) {
            return (text, readings) -> {
                readings.charge(Regex.steps(pattern, text.length()));
                return readings.left() >= 0 && pattern.matcher(text).find();
            };
        }

        static Test contains(String part) {
            TextSearch search = new TextSearch(part);
            return (text, readings) -> {
                readings.charge(TextSearch.steps(text, part));
                return readings.left() >= 0 && search.in(text, 0) >= 0;
            };
        }
    }

    /** {@code a.startsWith("b")} and its like. */
    static final class OfText extends Direct.OfOne {
        private final Test test;

        /** @param steps what the literal costs */
        OfText(Direct text, Test test, long steps) {
            super(text, 1 + steps);
            this.test = test;
        }

        @Override
        @Nullable
        Object of(Object value, Readings readings) {
            return value instanceof String tested ? paid(test.of(tested, readings), readings) : null;
        }
    }

    /** {@code a in ["b", "c"]}. */
    static final class Among extends Direct.OfOne {
        private final Set<Object> literals;
        private final Class<?> kind;

        /** @param steps what the list costs */
        Among(Direct one, Set<Object> literals, Class<?> kind, long steps) {
            super(one, 1 + steps);
            this.literals = literals;
            this.kind = kind;
        }

        @Override
        @Nullable
        Object of(Object value, Readings readings) {
            return value.getClass() == kind ? paid(literals.contains(value), readings) : null;
        }
    }

    /** {@code "a" in jwt.b}. */
    static final class Element extends Direct {
        private final Direct text;
        private final Read list;

        Element(Direct text, Read list) {
            super(1);
            this.text = text;
            this.list = list;
        }

        @Override
        @Nullable
        Object value(Readings readings) {
            Object one = text.value(readings);
            if (!(one instanceof String sought)) {
                return one instanceof Problem ? one : null;
            }
            Object value = list.value(readings);
            if (value instanceof HeadersValue headers) {
                return paid(headers.containsKey(sought), readings);
            }
            if (value instanceof ListValue) {
                return paid(list.reading(readings).hasElement(sought), readings);
            }
            return value instanceof Problem ? value : null;
        }
    }
}
