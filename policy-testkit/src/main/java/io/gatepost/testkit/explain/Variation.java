package io.gatepost.testkit.explain;

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
 * @param verified whether the token is beyond doubt, since all that are to judge it demand the same of it: the rules
 *     only need be asked
 */
public record Variation(PolicyRequest request, @Nullable Map<String, @Nullable Object> claims, boolean verified) {
    public Variation {
        Objects.requireNonNull(request, "request");
        claims = claims == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(claims));
    }
}
