package io.gatepost.policy.cel;

import com.google.re2j.Pattern;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelEvaluationListener;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelVariableResolver;
import io.gatepost.policy.expression.EvaluationContext;
import io.gatepost.policy.expression.EvaluationException;
import java.util.Map;
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
    private final EvaluationContext context;
    private byte @Nullable [] body;
    private @Nullable CelByteString bodyValue;
    private final boolean[] marks;

    private Evaluation(Plan plan, EvaluationContext context, @Nullable CelEvaluationListener observer) {
        this.plan = plan;
        this.context = context;
        marks = plan.weights().marks();
        this.observer = observer;
    }

    /**
     * What was found out about an expression before it runs.
     *
     * @param patterns the patterns that stand in it
     * @param weights how the values of its nodes weigh
     */
    record Plan(CelRuntime.Program program, Map<String, Pattern> patterns, Weights weights) {}

    /** The value; an observer hears of every node's, within the same bounds. */
    static Object run(
            Plan plan,
            CelVariableResolver variables,
            EvaluationContext context,
            @Nullable CelEvaluationListener observer)
            throws CelEvaluationException {
        Evaluation outer = CURRENT.get();
        Evaluation evaluation = new Evaluation(plan, context, observer);
        CURRENT.set(evaluation);
        try {
            return plan.program().trace(variables, evaluation);
        } finally {
            CURRENT.set(outer);
        }
    }

    /** What the request's expressions share. */
    static EvaluationContext context() {
        return current().context;
    }

    private static Evaluation current() {
        Evaluation evaluation = CURRENT.get();
        if (evaluation == null) {
            throw new IllegalStateException("nothing is being evaluated on this thread");
        }
        return evaluation;
    }

    /** The request's body as a value, the same one each time. */
    static CelByteString bodyValue(byte[] body) {
        Evaluation evaluation = current();
        if (evaluation.body != body || evaluation.bodyValue == null) {
            charge(body.length / Limits.BYTES_PER_STEP);
            evaluation.body = body;
            evaluation.bodyValue = CelByteString.of(body);
        }
        return evaluation.bodyValue;
    }

    /** The value of a JSON text; a {@link Failure} where it is none. The request's body is read once for all. */
    static Object json(Object text) {
        Evaluation evaluation = current();
        try {
            return Values.toCel(
                    evaluation.body != null && text == evaluation.bodyValue
                            ? evaluation.context.jsonBody(evaluation.body)
                            : evaluation.context.json(EncodingFunctions.copied(text)));
        } catch (EvaluationException e) {
            charge(0);
            throw new Failure("not JSON");
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
        charge(Regex.cost(pattern));
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
        if (!context.spend(steps)) {
            throw new OutOfBudget();
        }
    }

    @Override
    public void callback(CelExpr node, Object value) {
        Weights weights = plan.weights();
        spend(1
                + (long) Limits.ERROR_COST * weights.forgiven(node, value, marks)
                + weights.of(node, value, context.left()));
        if (observer != null) {
            observer.callback(node, value);
        }
    }
}
