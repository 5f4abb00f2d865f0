package io.gatepost.policy.cel;

import dev.cel.common.CelErrorCode;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import io.gatepost.policy.CompiledExpression;
import io.gatepost.policy.EvaluationException;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One expression, planned. */
final class CelExpression implements CompiledExpression {
    private static final Pattern QUOTED = Pattern.compile("'([^']*)'");
    private final String text;
    private final CelRuntime.Program program;
    private final Set<String> reads;
    private final SubExpressions parts;

    CelExpression(String text, CelRuntime.Program program, Set<String> reads, SubExpressions parts) {
        this.text = text;
        this.program = program;
        this.reads = reads;
        this.parts = parts;
    }

    @Override
    public Set<String> reads() {
        return reads;
    }

    @Override
    public @Nullable Object evaluate(PolicyRequest request, @Nullable VerifiedToken token) throws EvaluationException {
        try {
            return Values.toJava(program.eval(Variables.values(request, token)));
        } catch (CelEvaluationException e) {
            throw new EvaluationException(explain(e));
        } catch (RuntimeException e) {
            // A function that can't cope with its argument: the rule has no value, as with any other error.
            throw new EvaluationException("a function cannot be applied to this value");
        }
    }

    @Override
    public List<SubExpression> subExpressions(PolicyRequest request, @Nullable VerifiedToken token) {
        return parts.of(listener -> program.trace(Variables.values(request, token), listener));
    }

    /** Names what was absent only where the name stands in the expression: a key may come from a claim. */
    private String explain(CelEvaluationException problem) {
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
        return name.find() && !name.group(1).isEmpty() && text.contains(name.group(1))
                ? "`" + name.group(1) + "` is absent"
                : "a value that it reads is absent";
    }

    @Override
    public String toString() {
        return text;
    }
}
