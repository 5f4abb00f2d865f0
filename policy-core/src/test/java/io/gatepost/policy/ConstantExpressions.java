package io.gatepost.policy;

import io.gatepost.policy.expression.CompiledExpression;
import io.gatepost.policy.expression.EvaluationException;
import io.gatepost.policy.expression.ExpressionCompiler;
import io.gatepost.policy.expression.InvalidExpressionException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A complete, tiny expression language: {@code true}, {@code false}, {@code fail}, {@code text}, and {@code reads
 * NAME}.
 */
public final class ConstantExpressions implements ExpressionCompiler {
    @Override
    public CompiledExpression compile(String text, ResultType resultType) throws InvalidExpressionException {
        return switch (text) {
            case "true" -> constant(true);
            case "false" -> constant(false);
            case "text" -> constant("true");
            case "fail" -> failing();
            default -> {
                if (text.startsWith("reads ")) {
                    yield reading(text.substring("reads ".length()));
                }
                throw new InvalidExpressionException(
                        List.of(new InvalidExpressionException.Problem(1, 3, "not a word of this language")));
            }
        };
    }

    private static CompiledExpression constant(Object value) {
        return new CompiledExpression() {
            @Override
            public Set<String> reads() {
                return Set.of();
            }

            @Override
            public Object evaluate(PolicyRequest request, @Nullable VerifiedToken token) {
                return value;
            }
        };
    }

    private static CompiledExpression failing() {
        return new CompiledExpression() {
            @Override
            public Set<String> reads() {
                return Set.of();
            }

            @Override
            public Object evaluate(PolicyRequest request, @Nullable VerifiedToken token) throws EvaluationException {
                throw new EvaluationException("no such key");
            }
        };
    }

    private static CompiledExpression reading(String name) {
        return new CompiledExpression() {
            @Override
            public Set<String> reads() {
                return Set.of(name);
            }

            @Override
            public Object evaluate(PolicyRequest request, @Nullable VerifiedToken token) {
                return true;
            }
        };
    }
}
