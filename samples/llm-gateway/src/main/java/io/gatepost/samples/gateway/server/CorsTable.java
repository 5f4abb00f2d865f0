package io.gatepost.samples.gateway.server;

import io.gatepost.policy.model.Inheritance;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.samples.gateway.manifest.Cors;
import io.gatepost.samples.gateway.manifest.CorsPolicy;
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
    HttpHandler around(List<Target> targets, List<Phase> phases, HttpHandler next) {
        Cors cors = null;
        for (Phase phase : phases) {
            Cors found = cors(Target.policiesOn(targets, phase, List.copyOf(policies.keySet())));
            cors = found == null ? cors : found;
        }
        return cors == null ? next : new CorsHandler(cors, next);
    }

    private @Nullable Cors cors(List<TrafficPolicy> leastSpecificFirst) {
        Cors cors = null;
        for (TrafficPolicy policy : leastSpecificFirst) {
            cors = policies.get(policy);
            if (policy.inheritance() == Inheritance.OVERRIDE) {
                return cors;
            }
        }
        return cors;
    }
}
