package io.gatepost.tools.explain;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A token, and how either side takes it. Immutable.
 *
 * @param bearing the token
 * @param scenario the request that it starts from, with what the token claims
 * @param refused whether each side refuses it
 * @param claims whether each side's rules see what it claims
 */
record Received(Bearing bearing, Scenario scenario, List<Boolean> refused, List<Boolean> claims) {
    /** What tells it from others. */
    String name() {
        return scenario.written();
    }

    @Nullable
    Object iss() {
        return iss(scenario);
    }

    static @Nullable Object iss(Scenario scenario) {
        Map<String, @Nullable Object> claims = scenario.claims();
        return claims == null ? null : claims.get("iss");
    }
}
