package io.gatepost.policy;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.expression.CompiledExpression;
import io.gatepost.policy.expression.EvaluationContext;
import io.gatepost.policy.expression.EvaluationException;
import io.gatepost.policy.expression.ExpressionCompiler;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.request.Credential;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds what a request offers as its credential, all of it, so that duplicates stay visible. Does not judge. */
final class TokenExtractor {
    private final @Nullable TokenLocation location;
    private final @Nullable CompiledExpression expression;

    private TokenExtractor(@Nullable TokenLocation location, @Nullable CompiledExpression expression) {
        this.location = location;
        this.expression = expression;
    }

    static TokenExtractor of(
            @Nullable JwtAuthentication jwt, @Nullable ExpressionCompiler compiler, List<Diagnostic> found) {
        TokenLocation location = jwt == null ? null : jwt.location();
        return new TokenExtractor(
                location,
                location instanceof TokenLocation.Computed computed
                        ? Expressions.compile(compiler, computed.expression(), ExpressionCompiler.ResultType.ANY, found)
                        : null);
    }

    TokenLocation location() {
        return location == null ? TokenLocation.BEARER : location;
    }

    Set<String> reads() {
        return expression == null ? Set.of() : expression.reads();
    }

    List<Credential> extract(PolicyRequest request, EvaluationContext context) {
        if (location == null) {
            return List.of();
        }
        return expression == null
                ? Credential.offered(request, location)
                : computed(location, expression, request, context);
    }

    /**
     * Text, or what turns into text without loss; no value is no token. One that there are no steps left to find is a
     * malformed one.
     */
    private static List<Credential> computed(
            TokenLocation location, CompiledExpression expression, PolicyRequest request, EvaluationContext context) {
        try {
            Object value = expression.evaluate(request, null, context);
            if (value instanceof byte[] octets) {
                return List.of(new Credential(location, Base64.getEncoder().encodeToString(octets)));
            }
            return value instanceof String || value instanceof Boolean || value instanceof Long
                    ? List.of(new Credential(location, value.toString()))
                    : List.of();
        } catch (EvaluationException e) {
            return context.left() < 0 ? List.of(new Credential(location, "")) : List.of();
        }
    }
}
