package io.gatepost.tools.explain;

import io.gatepost.policy.PolicyRequest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A request as it might have been. Immutable.
 *
 * @param request the request, changed or not
 * @param claims what its token claims, verified or as if; null where it has none
 * @param tokenChanged whether the token is another than the one that came, so that only a stand-in can have signed it
 */
record Scenario(ChangedRequest request, @Nullable Map<String, @Nullable Object> claims, boolean tokenChanged) {
    private static final JsonMapper JSON = JsonMapper.shared();

    Scenario {
        claims = claims == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(claims));
    }

    static Scenario of(PolicyRequest request, @Nullable Map<String, @Nullable Object> claims) {
        return new Scenario(ChangedRequest.of(request), claims, false);
    }

    /**
     * A scenario that differs in several things.
     *
     * @param values which value of each dimension; negative as the first one: none
     * @return the scenario; null where that can't be
     */
    static @Nullable Scenario applied(Scenario start, List<Dimension> dimensions, int[] values) {
        Scenario scenario = start;
        for (int i = 0; i < values.length && scenario != null; i++) {
            boolean counts = values[i] > 0
                    && (start.claims() != null || !dimensions.get(i).ofToken());
            scenario = counts ? dimensions.get(i).apply(scenario, values[i]) : scenario;
        }
        return scenario;
    }

    /** The claims as a token has them, so that a number and a text of it are two. */
    String written() {
        return JSON.writeValueAsString(claims);
    }

    Scenario withRequest(ChangedRequest changed) {
        return new Scenario(changed, claims, tokenChanged);
    }

    Scenario withClaims(@Nullable Map<String, @Nullable Object> changed) {
        return new Scenario(request, changed, true);
    }
}
