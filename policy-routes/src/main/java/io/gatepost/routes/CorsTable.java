package io.gatepost.routes;

import io.gatepost.policy.PolicyTarget;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.model.TrafficPolicy.Inheritance;
import io.gatepost.routes.manifest.Cors;
import io.gatepost.routes.manifest.CorsPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which origins may call what: of several policies the most specific, unless one that is less so overrides it. */
final class CorsTable {
    private final Map<TrafficPolicy, Cors> policies = new LinkedHashMap<>();

    CorsTable(List<CorsPolicy> policies) {
        policies.forEach(policy -> this.policies.put(policy.policy(), policy.cors()));
    }

    /** What counts for requests that meet these targets on their way; null where no policy says anything. */
    @Nullable
    Cors of(List<PolicyTarget> targets, List<Phase> phases) {
        Cors cors = null;
        for (Phase phase : phases) {
            Cors found = of(targets, phase);
            cors = found == null ? cors : found;
        }
        return cors;
    }

    /** Of policies on one target the first read counts, as with authentication. */
    private @Nullable Cors of(List<PolicyTarget> leastSpecificFirst, Phase phase) {
        Cors cors = null;
        for (PolicyTarget target : leastSpecificFirst) {
            TrafficPolicy policy = policies.keySet().stream()
                    .filter(candidate -> candidate.phase() == phase && target.isTargetOf(candidate))
                    .findFirst()
                    .orElse(null);
            cors = policy == null ? cors : policies.get(policy);
            if (policy != null && policy.inheritance() == Inheritance.OVERRIDE) {
                return cors;
            }
        }
        return cors;
    }
}
