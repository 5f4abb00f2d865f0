package io.gatepost.testkit.explain;

import io.gatepost.policy.PolicyRequest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request as it might have been. Immutable.
 *
 * @param request the request, changed or not
 * @param claims what its token claims, verified or as if; null where it has none
 * @param tokenChanged whether the token is another than the one that came, so that only a stand-in can have signed it
 */
record World(ChangedRequest request, @Nullable Map<String, @Nullable Object> claims, boolean tokenChanged) {
    World {
        claims = claims == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(claims));
    }

    static World of(PolicyRequest request, @Nullable Map<String, @Nullable Object> claims) {
        return new World(ChangedRequest.of(request), claims, false);
    }

    World withRequest(ChangedRequest changed) {
        return new World(changed, claims, tokenChanged);
    }

    World withClaims(@Nullable Map<String, @Nullable Object> changed) {
        return new World(request, changed, true);
    }
}
