package io.gatepost.tools.explain;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A token, and how either side takes it. Immutable.
 *
 * @param bearing the token
 * @param world the request that it starts from, with what the token claims
 * @param refused whether each side refuses it
 * @param claims whether each side's rules see what it claims
 */
record Received(Bearing bearing, Scenario world, List<Boolean> refused, List<Boolean> claims) {
    /** What tells it from others. */
    String name() {
        return world.written();
    }

    @Nullable
    Object iss() {
        return iss(world);
    }

    static @Nullable Object iss(Scenario world) {
        Map<String, @Nullable Object> claims = world.claims();
        return claims == null ? null : claims.get("iss");
    }
}
