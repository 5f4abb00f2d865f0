package io.gatepost.testkit.suite;

import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Policies with one part replaced. */
final class Changed {
    private Changed() {}

    static TrafficPolicy with(TrafficPolicy policy, JwtAuthentication jwt) {
        return with(policy, jwt, policy.authorization());
    }

    static TrafficPolicy with(TrafficPolicy policy, @Nullable Authorization rules) {
        return with(policy, policy.jwtAuthentication(), rules);
    }

    static JwtAuthentication with(JwtAuthentication jwt, List<JwtProvider> providers) {
        return new JwtAuthentication(jwt.mode(), providers, jwt.location(), jwt.origin());
    }

    private static TrafficPolicy with(
            TrafficPolicy policy, @Nullable JwtAuthentication jwt, @Nullable Authorization rules) {
        return new TrafficPolicy(
                policy.name(),
                policy.targetRefs(),
                policy.targetSelectors(),
                policy.phase(),
                policy.inheritance(),
                jwt,
                rules,
                policy.origin(),
                policy.enforcement());
    }
}
