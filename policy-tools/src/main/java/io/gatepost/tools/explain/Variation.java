package io.gatepost.tools.explain;

import io.gatepost.policy.PolicyRequest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request that was made up, with what its token claims. Immutable.
 *
 * @param request the request, without a credential
 * @param claims what a token of it claims; null for none
 * @param bearing the request with a token that a stand-in for all issuers signed; null where the token is beyond doubt,
 *     since all that are to judge it demand the same of it, or where there is none
 */
public record Variation(
        PolicyRequest request,
        @Nullable Map<String, @Nullable Object> claims,
        @Nullable PolicyRequest bearing) {
    public Variation {
        Objects.requireNonNull(request, "request");
        claims = claims == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(claims));
    }

    /** Neither the token nor the claims. */
    @Override
    public String toString() {
        return request.method() + " " + request.path();
    }
}
