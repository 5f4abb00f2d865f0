package io.gatepost.testkit.diff;

import io.gatepost.policy.Decision;
import io.gatepost.policy.Explanation;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.testkit.explain.Rulings;
import io.gatepost.testkit.explain.Variation;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A request that both sides are asked about. Immutable.
 *
 * @param request the request
 * @param claims what its token claims; null where the request's own credential counts
 * @param verified whether the claims are beyond doubt: the rules only are asked
 */
public record Asked(PolicyRequest request, @Nullable Map<String, @Nullable Object> claims, boolean verified) {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int LENGTH = 300;

    public Asked {
        Objects.requireNonNull(request, "request");
    }

    /**
     * A recorded request.
     *
     * @param request the request
     * @param token claims that stand in for a verified token; null where the request's credential counts
     * @return it
     */
    public static Asked recorded(PolicyRequest request, @Nullable VerifiedToken token) {
        return new Asked(request, token == null ? null : token.claims(), true);
    }

    static Asked madeUp(Variation variation) {
        return new Asked(variation.request(), variation.claims(), variation.verified());
    }

    @Nullable
    Decision decide(Rulings rulings) {
        if (claims == null) {
            return rulings.decide(request);
        }
        return verified
                ? rulings.decideVerified(request, claims)
                : rulings.decide(new Variation(request, claims, false));
    }

    String subject() {
        return claims != null && claims.get("sub") instanceof String subject ? subject : "";
    }

    /** Without credentials; cut where it is long. */
    String told() {
        StringBuilder text = new StringBuilder(request.method()).append(' ');
        text.append(request.host()).append(request.path());
        text.append(request.query() == null ? "" : "?...");
        request.headerNames().stream()
                .filter(name -> !Explanation.isRedacted("request.headers." + name))
                .forEach(name -> text.append(" -H ").append(name).append(": ").append(request.headers(name)));
        byte[] body = request.body();
        if (body != null) {
            text.append(" -d ").append(new String(body, StandardCharsets.UTF_8));
        }
        if (claims != null) {
            text.append(" claims ").append(JSON.writeValueAsString(claims));
        }
        return text.length() <= LENGTH ? text.toString() : text.substring(0, LENGTH) + "...";
    }
}
