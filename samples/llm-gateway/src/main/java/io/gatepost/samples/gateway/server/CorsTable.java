package io.gatepost.samples.gateway.server;

import io.gatepost.policy.PolicyTarget;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.model.TrafficPolicy.Inheritance;
import io.gatepost.routes.manifest.Cors;
import io.gatepost.routes.manifest.CorsPolicy;
import io.undertow.server.HttpHandler;
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

    /** In front of the policies of both phases, so that a preflight meets none of them and a refusal can be read. */
    HttpHandler around(List<PolicyTarget> targets, List<Phase> phases, HttpHandler next) {
        Cors cors = cors(targets, phases);
        return cors == null ? next : new CorsHandler(cors, next);
    }

    /** Whether preflights are answered here. */
    boolean covers(List<PolicyTarget> targets, List<Phase> phases) {
        return cors(targets, phases) != null;
    }

    private @Nullable Cors cors(List<PolicyTarget> targets, List<Phase> phases) {
        Cors cors = null;
        for (Phase phase : phases) {
            Cors found = cors(targets, phase);
            cors = found == null ? cors : found;
        }
        return cors;
    }

    /** Of policies on one target the first read counts, as with authentication. */
    private @Nullable Cors cors(List<PolicyTarget> leastSpecificFirst, Phase phase) {
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
