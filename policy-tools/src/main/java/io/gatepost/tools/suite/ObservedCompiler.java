package io.gatepost.tools.suite;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.expression.CompiledExpression;
import io.gatepost.policy.expression.EvaluationContext;
import io.gatepost.policy.expression.EvaluationException;
import io.gatepost.policy.expression.ExpressionCompiler;
import io.gatepost.policy.expression.InvalidExpressionException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compiles each text once, and remembers what was evaluated with what since {@link #start}. Not thread-safe. */
final class ObservedCompiler implements ExpressionCompiler {
    static final CelExpressionCompiler CEL = new CelExpressionCompiler();

    private record Asked(String text, ResultType resultType) {}

    private final Map<Asked, CompiledExpression> compiled = new HashMap<>();
    private List<Evaluated> evaluated = new ArrayList<>();

    /** One evaluation. */
    record Evaluated(
            String text, PolicyRequest request, @Nullable VerifiedToken token, Instant startTime) {}

    void start() {
        evaluated = new ArrayList<>();
    }

    List<Evaluated> evaluated() {
        return List.copyOf(evaluated);
    }

    @Override
    public CompiledExpression compile(String text, ResultType resultType) throws InvalidExpressionException {
        Asked asked = new Asked(text, resultType);
        CompiledExpression known = compiled.get(asked);
        if (known == null) {
            known = new Observed(text, CEL.compile(text, resultType));
            compiled.put(asked, known);
        }
        return known;
    }

    private final class Observed implements CompiledExpression {
        private final String text;
        private final CompiledExpression expression;

        Observed(String text, CompiledExpression expression) {
            this.text = text;
            this.expression = expression;
        }

        @Override
        public Set<String> reads() {
            return expression.reads();
        }

        @Override
        public List<InvalidExpressionException.Problem> warnings() {
            return expression.warnings();
        }

        @Override
        public @Nullable Object evaluate(PolicyRequest request, @Nullable VerifiedToken token)
                throws EvaluationException {
            return evaluate(request, token, new EvaluationContext());
        }

        @Override
        public @Nullable Object evaluate(
                PolicyRequest request, @Nullable VerifiedToken token, EvaluationContext context)
                throws EvaluationException {
            evaluated.add(new Evaluated(text, request, token, context.startTime()));
            return expression.evaluate(request, token, context);
        }

        @Override
        public List<SubExpression> subExpressions(PolicyRequest request, @Nullable VerifiedToken token) {
            return expression.subExpressions(request, token);
        }

        @Override
        public List<SubExpression> subExpressions(
                PolicyRequest request, @Nullable VerifiedToken token, EvaluationContext context) {
            return expression.subExpressions(request, token, context);
        }
    }
}
