package io.gatepost.policy;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.expression.CompiledExpression;
import io.gatepost.policy.expression.EvaluationContext;
import io.gatepost.policy.expression.EvaluationException;
import io.gatepost.policy.expression.ExpressionCompiler;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.request.Cookies;
import io.gatepost.policy.request.QueryPairs;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a request offers as its credential, all of it, so that duplicates stay visible (DESIGN's difference 13).
 * Does not judge.
 */
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

    List<String> extract(PolicyRequest request, EvaluationContext context) {
        if (location instanceof TokenLocation.Header header) {
            return inHeader(request.headers(header.name()), header.prefix() == null ? "" : header.prefix());
        }
        if (location instanceof TokenLocation.QueryParameter parameter) {
            return QueryPairs.values(request.query(), parameter.name());
        }
        if (location instanceof TokenLocation.Cookie cookie) {
            return Cookies.values(request.headers("cookie"), cookie.name());
        }
        return expression == null ? List.of() : computed(expression, request, context);
    }

    /** Of several values each is a credential, of whatever scheme: which one counts would be a guess. */
    private static List<String> inHeader(List<String> values, String prefix) {
        if (values.size() != 1) {
            return values;
        }
        String value = values.get(0);
        if (value.indexOf(',') >= 0) {
            // A comma joins what came as two headers (RFC 9110 section 5.3); no token has one.
            List<String> joined = Arrays.asList(value.split(",", -1));
            if (joined.stream()
                    .skip(1)
                    .map(String::strip)
                    .anyMatch(part -> !part.isEmpty() && startsWith(part, prefix))) {
                return joined;
            }
        }
        if (startsWith(value, prefix)) {
            return List.of(value.substring(prefix.length()));
        }
        // A scheme without a token is a malformed credential, not none; servers cut the blank that ends the prefix.
        return value.strip().equalsIgnoreCase(prefix.strip()) ? List.of("") : List.of();
    }

    private static boolean startsWith(String value, String prefix) {
        return value.regionMatches(true, 0, prefix, 0, prefix.length());
    }

    /**
     * Text, or what turns into text without loss (reference section 1.2); no value is no token. One that there are no
     * steps left to find is a malformed one.
     */
    private static List<String> computed(
            CompiledExpression expression, PolicyRequest request, EvaluationContext context) {
        try {
            Object value = expression.evaluate(request, null, context);
            if (value instanceof byte[] octets) {
                return List.of(Base64.getEncoder().encodeToString(octets));
            }
            return value instanceof String || value instanceof Boolean || value instanceof Long
                    ? List.of(value.toString())
                    : List.of();
        } catch (EvaluationException e) {
            return context.left() < 0 ? List.of("") : List.of();
        }
    }
}
