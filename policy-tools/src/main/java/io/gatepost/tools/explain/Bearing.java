package io.gatepost.tools.explain;

import io.gatepost.policy.model.TokenLocation;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A token that a made-up request bears. Immutable.
 *
 * @param claims what it claims; null for no token, or for one that is none
 * @param type its {@code typ}; null for none
 * @param signer whose key signs it
 * @param location where it stands; null where it is beyond doubt, so that only what it claims counts
 */
record Bearing(
        @Nullable Map<String, @Nullable Object> claims,
        @Nullable String type,
        Signer signer,
        @Nullable TokenLocation location) {
    static final Bearing NONE = new Bearing(null, null, Signer.BOTH, null);

    private static final String NO_TOKEN = "not-a-token";

    Bearing {
        claims = claims == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(claims));
    }

    /** The request with the token, which claims this instead; null where that can't be told. */
    @Nullable
    ChangedRequest on(ChangedRequest request, @Nullable Map<String, @Nullable Object> claimed) {
        return location == null
                ? null
                : StandIn.bearing(request, claimed == null ? NO_TOKEN : StandIn.token(claimed, type, signer), location);
    }

    Bearing with(String claim, @Nullable Object value) {
        Map<String, @Nullable Object> changed = new LinkedHashMap<>(claims == null ? Map.of() : claims);
        if (value == Paths.ABSENT) {
            changed.remove(claim);
        } else {
            changed.put(claim, value);
        }
        return new Bearing(changed, type, signer, location);
    }

    Bearing ofType(@Nullable String other) {
        return new Bearing(claims, other, signer, location);
    }

    Bearing signedBy(Signer other) {
        return new Bearing(claims, type, other, location);
    }

    Bearing at(TokenLocation other) {
        return new Bearing(claims, type, signer, other);
    }
}
