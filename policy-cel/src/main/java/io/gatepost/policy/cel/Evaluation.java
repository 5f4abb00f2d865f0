package io.gatepost.policy.cel;

import com.google.re2j.Pattern;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelEvaluationListener;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelVariableResolver;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One evaluation of an expression on its thread: what it may still cost, and the patterns that stand in the expression.
 * Each node that is evaluated costs a step and what its value weighs; functions that do more charge for it beforehand.
 */
@SuppressWarnings("ThreadSafe") // the evaluator calls the listener on the thread that evaluates
final class Evaluation implements CelEvaluationListener {
    private static final ThreadLocal<@Nullable Evaluation> CURRENT = new ThreadLocal<>();
    private final Plan plan;
    private final @Nullable CelEvaluationListener observer;
    private long left = Limits.COST;

    private Evaluation(Plan plan, @Nullable CelEvaluationListener observer) {
        this.plan = plan;
        this.observer = observer;
    }

    /**
     * What was found out about an expression before it runs.
     *
     * @param patterns the patterns that stand in it
     * @param lookedInto the nodes of {@link Reads#lookedInto}
     */
    record Plan(CelRuntime.Program program, Map<String, Pattern> patterns, Set<Long> lookedInto) {}

    /** The value; an observer hears of every node's, within the same bounds. */
    static Object run(Plan plan, CelVariableResolver variables, @Nullable CelEvaluationListener observer)
            throws CelEvaluationException {
        Evaluation outer = CURRENT.get();
        Evaluation evaluation = new Evaluation(plan, observer);
        CURRENT.set(evaluation);
        try {
            return plan.program().trace(variables, evaluation);
        } finally {
            CURRENT.set(outer);
        }
    }

    /** Takes from what the evaluation of this thread may still cost. */
    static void charge(long steps) {
        Evaluation evaluation = CURRENT.get();
        if (evaluation != null) {
            evaluation.spend(steps);
        }
    }

    /** The compiled pattern where it stands in the expression; compiled now where it comes from data. */
    static Pattern pattern(String pattern) {
        Evaluation evaluation = CURRENT.get();
        Pattern known = evaluation == null ? null : evaluation.plan.patterns().get(pattern);
        if (known != null) {
            return known;
        }
        charge(pattern.length());
        return Regex.compile(pattern);
    }

    /** Refuses results beyond the size that one may have. */
    static void limit(long size) {
        if (size > Limits.RESULT_SIZE) {
            throw Failure.tooLarge();
        }
    }

    /** Refuses results beyond the size that one may have, and charges for making one. */
    static void allowed(long size) {
        limit(size);
        charge(size / Limits.CHARACTERS_PER_STEP);
    }

    /**
     * The evaluation may cost no more. No exception, since {@code ||}, {@code &&} and {@code default} go on after
     * those.
     */
    static final class OutOfBudget extends Error {
        OutOfBudget() {
            super("the expression takes too many steps", null, false, false);
        }
    }

    private void spend(long steps) {
        left -= steps;
        if (left < 0) {
            throw new OutOfBudget();
        }
    }

    @Override
    public void callback(CelExpr node, Object value) {
        spend(1 + weight(node, value));
        if (observer != null) {
            observer.callback(node, value);
        }
    }

    private long weight(CelExpr node, Object value) {
        if (value instanceof String text) {
            return text.length() / Limits.CHARACTERS_PER_STEP;
        }
        if (value instanceof CelByteString bytes) {
            return bytes.size() / Limits.CHARACTERS_PER_STEP;
        }
        return (value instanceof List || value instanceof Map)
                        && !plan.lookedInto().contains(node.id())
                ? Values.count(value, left * Limits.ELEMENTS_PER_STEP) / Limits.ELEMENTS_PER_STEP
                : 0;
    }
}
