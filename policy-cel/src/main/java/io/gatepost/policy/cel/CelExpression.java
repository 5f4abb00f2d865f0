package io.gatepost.policy.cel;

import dev.cel.common.CelErrorCode;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelEvaluationListener;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.expression.CompiledExpression;
import io.gatepost.policy.expression.EvaluationContext;
import io.gatepost.policy.expression.EvaluationException;
import io.gatepost.policy.expression.InvalidExpressionException.Problem;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/** One expression, planned. */
final class CelExpression implements CompiledExpression {
    private static final java.util.regex.Pattern QUOTED = java.util.regex.Pattern.compile("'([^']*)'");
    private final String text;
    private final Evaluation.Plan plan;
    private final Variables variables;
    private final Set<String> reads;
    private final boolean readsTokenOnly;
    private final List<Problem> warnings;
    private final SubExpressions parts;
    private final @Nullable Direct direct;

    CelExpression(
            String text,
            Evaluation.Plan plan,
            Variables variables,
            Set<String> reads,
            boolean readsTokenOnly,
            List<Problem> warnings,
            SubExpressions parts,
            @Nullable Direct direct) {
        this.text = text;
        this.plan = plan;
        this.variables = variables;
        this.reads = reads;
        this.readsTokenOnly = readsTokenOnly;
        this.warnings = List.copyOf(warnings);
        this.parts = parts;
        this.direct = direct;
    }

    @Override
    public Set<String> reads() {
        return reads;
    }

    @Override
    public boolean readsTokenOnly() {
        return readsTokenOnly;
    }

    @Override
    public List<Problem> warnings() {
        return warnings;
    }

    @Override
    public @Nullable Object evaluate(PolicyRequest request, @Nullable VerifiedToken token) throws EvaluationException {
        return evaluate(request, token, new EvaluationContext());
    }

    @Override
    public @Nullable Object evaluate(PolicyRequest request, @Nullable VerifiedToken token, EvaluationContext context)
            throws EvaluationException {
        return evaluate(request, token, context, direct);
    }

    /** As the evaluator evaluates it, also where there is a direct form: the one comes to the same as the other. */
    @Nullable
    Object evaluateInFull(PolicyRequest request, @Nullable VerifiedToken token, EvaluationContext context)
            throws EvaluationException {
        return evaluate(request, token, context, null);
    }

    /** Whether it has a direct form, such as few but the simplest expressions and conjunctions that begin with one. */
    boolean isDirect() {
        return direct != null;
    }

    private @Nullable Object evaluate(
            PolicyRequest request, @Nullable VerifiedToken token, EvaluationContext context, @Nullable Direct form)
            throws EvaluationException {
        try {
            Object outcome = form == null ? null : form.outcome(Readings.of(request, token, context), context);
            if (outcome instanceof Direct.Problem problem) {
                throw new EvaluationException(problem.message());
            }
            return outcome == null
                    ? Values.toJava(Evaluation.run(plan, variables.values(request, token), context, null))
                    : outcome;
        } catch (CelEvaluationException e) {
            throw new EvaluationException(explain(e));
        } catch (Failure e) {
            throw new EvaluationException(e.reason());
        } catch (Evaluation.OutOfBudget e) {
            throw new EvaluationException("the expression takes too many steps");
        } catch (StackOverflowError e) {
            throw new EvaluationException("a value is nested too deeply");
        } catch (RuntimeException e) {
            // A function that can't cope with its argument, or a fault: told by its kind, since the message may hold
            // the argument.
            throw new EvaluationException("a function cannot be applied to this value ("
                    + e.getClass().getSimpleName() + ")");
        }
    }

    @Override
    public List<SubExpression> subExpressions(PolicyRequest request, @Nullable VerifiedToken token) {
        return subExpressions(request, token, new EvaluationContext());
    }

    @Override
    public List<SubExpression> subExpressions(
            PolicyRequest request, @Nullable VerifiedToken token, EvaluationContext context) {
        return parts.of(listener -> Evaluation.run(plan, variables.values(request, token), context, listener));
    }

    /** Evaluates, and tells a listener what each node comes to. */
    Object tell(
            PolicyRequest request,
            @Nullable VerifiedToken token,
            EvaluationContext context,
            CelEvaluationListener listener)
            throws CelEvaluationException {
        return Evaluation.run(plan, variables.values(request, token), context, listener);
    }

    /** Names what was absent only where the name stands in the expression: a key may come from a claim. */
    private String explain(CelEvaluationException problem) {
        for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
            if (cause instanceof Failure failure) {
                return failure.reason();
            }
        }
        CelErrorCode code = problem.getErrorCode();
        return switch (code) {
            case ATTRIBUTE_NOT_FOUND -> absent(String.valueOf(problem.getMessage()));
            case INDEX_OUT_OF_BOUNDS -> "an index is out of bounds";
            case DIVIDE_BY_ZERO -> "a division by zero";
            case OVERLOAD_NOT_FOUND -> "an operator or function does not take a value of this type";
            case NUMERIC_OVERFLOW -> "a number is too large";
            case ITERATION_BUDGET_EXCEEDED -> "the expression takes too many steps";
            case BAD_FORMAT -> "a value is badly formed";
            default -> "the expression cannot be evaluated";
        };
    }

    private String absent(String message) {
        Matcher name = QUOTED.matcher(message);
        return absent(name.find() ? name.group(1) : "", text);
    }

    /** Of a name that is absent. */
    static String absent(String name, String text) {
        return !name.isEmpty() && text.contains(name) ? "`" + name + "` is absent" : "a value that it reads is absent";
    }

    @Override
    public String toString() {
        return text;
    }
}
