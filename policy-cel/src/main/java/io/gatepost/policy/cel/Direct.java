package io.gatepost.policy.cel;

import dev.cel.common.ast.CelExpr;
import io.gatepost.policy.expression.EvaluationContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A simple expression in a form that is evaluated without the evaluator, some twenty times as fast. It comes to exactly
 * what the evaluator would, for the same steps; where it is not certain of that, it comes to null and has cost nothing.
 * Immutable and thread-safe.
 *
 * <p>Only sums of steps count: whether an expression costs more than is left does not depend on their order.
 */
abstract class Direct {
    private final long steps;

    /** @param steps what the node itself costs, beside what its value weighs where that is not known before */
    Direct(long steps) {
        this.steps = steps;
    }

    /** The value as the evaluator has it, or a {@link Problem}; null where it takes the evaluator to tell. */
    abstract @Nullable Object value(Readings readings);

    /** What the expression comes to, paid for: a boolean or a {@link Problem}; null where it takes the evaluator. */
    final @Nullable Object outcome(Readings readings, EvaluationContext context) {
        Object value = value(readings);
        if (!(value instanceof Boolean || value instanceof Problem)) {
            return null;
        }
        long cost = readings.steps();
        if (cost > 0 && !context.spend(cost)) {
            throw new Evaluation.OutOfBudget();
        }
        return value;
    }

    final <T> T paid(T value, Readings readings) {
        readings.charge(steps);
        return value;
    }

    /**
     * An error, as a value.
     *
     * @param message as an {@code EvaluationException} has it
     * @param told whether an operator that goes on after errors came to it: it is not paid for again
     */
    record Problem(String message, boolean told) {
        static Problem of(String message) {
            return new Problem(message, false);
        }
    }

    /** What takes one value, and comes to nothing else where there is none. */
    abstract static class OfOne extends Direct {
        private final Direct one;

        OfOne(Direct one, long steps) {
            super(steps);
            this.one = one;
        }

        @Override
        @Nullable
        final Object value(Readings readings) {
            Object value = one.value(readings);
            return value == null || value instanceof Problem ? value : of(value, readings);
        }

        /** As {@link #value}, of what the one came to. */
        abstract @Nullable Object of(Object value, Readings readings);
    }

    /** What takes the evaluator. */
    static final class Unknown extends Direct {
        Unknown() {
            super(0);
        }

        @Override
        @Nullable
        Object value(Readings readings) {
            return null;
        }
    }

    /** A literal. */
    static final class Literal extends Direct {
        private final Object value;

        Literal(Object value, long steps) {
            super(steps);
            this.value = value;
        }

        @Override
        Object value(Readings readings) {
            return paid(value, readings);
        }
    }

    /** What stands at a path. */
    static final class Read extends Direct {
        private final Path path;
        private final long before;

        /** @param before what the nodes within cost, which come to their values also where nothing is there */
        Read(Path path, long before, long steps) {
            super(steps);
            this.path = path;
            this.before = before;
        }

        @Override
        @Nullable
        Object value(Readings readings) {
            Reading reading = readings.at(path);
            Object value = reading.value();
            readings.charge(before);
            return value == null || value instanceof Problem ? value : paid(value, readings, reading.weight());
        }

        Reading reading(Readings readings) {
            return readings.at(path);
        }

        private Object paid(Object value, Readings readings, long weight) {
            readings.charge(weight);
            return paid(value, readings);
        }
    }

    /** {@code dyn(a)}, which {@code has} is written out with. */
    static final class Untyped extends OfOne {
        private final CelExpr node;
        private final Weights weights;

        Untyped(Direct one, CelExpr node, Weights weights) {
            super(one, 1);
            this.node = node;
            this.weights = weights;
        }

        @Override
        @Nullable
        Object of(Object value, Readings readings) {
            long left = readings.left();
            long weight = weights.of(node, value, left);
            readings.charge(weight);
            return weight < left ? paid(value, readings) : null;
        }
    }

    /** {@code !a}. */
    static final class Not extends Direct {
        private final Direct of;

        Not(Direct of) {
            super(1);
            this.of = of;
        }

        @Override
        @Nullable
        Object value(Readings readings) {
            return of.value(readings) instanceof Boolean value ? paid(!value, readings) : null;
        }
    }

    /** {@code a && b} and {@code a || b}: an operand that decides does so whatever is wrong with the other. */
    static final class Chain extends Direct {
        private final Direct left;
        private final Direct right;
        private final Boolean decides;

        /** @param decides the value of an operand that the other one can't change: false of {@code &&} */
        Chain(Direct left, Direct right, boolean decides) {
            super(1);
            this.left = left;
            this.right = right;
            this.decides = decides;
        }

        @Override
        @Nullable
        Object value(Readings readings) {
            Object one = left.value(readings);
            if (decides.equals(one)) {
                return paid(decides, readings);
            }
            if (!isOutcome(one)) {
                return null;
            }
            Object other = right.value(readings);
            if (!isOutcome(other)) {
                return null;
            }
            if (one instanceof Problem before) {
                forgive(before, readings);
            }
            if (decides.equals(other)) {
                return paid(decides, readings);
            }
            if (other instanceof Problem behind) {
                forgive(behind, readings);
            }
            Object first = one instanceof Problem || !(other instanceof Problem) ? one : other;
            return paid(first instanceof Problem problem ? new Problem(problem.message(), true) : !decides, readings);
        }

        private static boolean isOutcome(@Nullable Object value) {
            return value instanceof Boolean || value instanceof Problem;
        }

        private static void forgive(Problem problem, Readings readings) {
            readings.charge(problem.told() ? 0 : CelLimits.ERROR_COST);
        }
    }

    /** The element that a loop has come to. */
    static final class Variable extends Direct {
        private final CelExpr node;
        private final Weights weights;

        Variable(CelExpr node, Weights weights) {
            super(1);
            this.node = node;
            this.weights = weights;
        }

        @Override
        @Nullable
        Object value(Readings readings) {
            Object element = readings.element();
            if (element == null) {
                return null;
            }
            readings.charge(weights.of(node, element, readings.left()));
            return paid(element, readings);
        }
    }

    /** {@code a.exists(b, c)} of a list of texts. */
    static final class Exists extends Direct {
        /** What the loop costs: what it begins with and ends with, each round, and the look at what ended it. */
        private static final int AROUND = 3;

        private static final int ROUND = 5;
        private static final int BREAK = 3;
        /** Beyond it a loop may have more rounds than the evaluator allows. */
        private static final int MOST = 1_000;

        private final Read list;
        private final Direct condition;

        Exists(Read list, Direct condition) {
            super(AROUND);
            this.list = list;
            this.condition = condition;
        }

        @Override
        @Nullable
        Object value(Readings readings) {
            Object value = list.value(readings);
            if (!(value instanceof ListValue elements) || elements.size() > MOST) {
                return value instanceof Problem ? value : null;
            }
            List<?> texts = elements.raw();
            for (int i = 0; i < texts.size(); i++) {
                Object holds = texts.get(i) instanceof String text ? round(text, readings) : null;
                if (!(holds instanceof Boolean) || readings.left() < 0) {
                    return null;
                }
                if (holds.equals(true)) {
                    readings.charge(i < texts.size() - 1 ? BREAK : 0);
                    return paid(holds, readings);
                }
            }
            return paid(false, readings);
        }

        private @Nullable Object round(String text, Readings readings) {
            readings.charge(ROUND);
            return readings.withElement(text, condition);
        }
    }
}
