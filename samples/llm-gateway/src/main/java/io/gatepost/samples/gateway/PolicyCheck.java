package io.gatepost.samples.gateway;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.model.Diagnostic;
import io.gatepost.policy.model.InvalidPolicyException;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.List;

/** Looks at a policy's keys as an engine would, but fetches none. */
final class PolicyCheck {
    private PolicyCheck() {}

    static List<Diagnostic> check(TrafficPolicy policy) {
        JwtAuthentication jwt = policy.jwtAuthentication();
        if (jwt == null) {
            return List.of();
        }
        List<JwtProvider> local = jwt.providers().stream()
                .filter(provider ->
                        provider.jwks() instanceof JwksSource.Inline || provider.jwks() instanceof JwksSource.File)
                .toList();
        return local.isEmpty()
                ? List.of()
                : build(TrafficPolicy.of(
                        policy.name().name(),
                        new JwtAuthentication(jwt.mode(), local, TokenLocation.BEARER, jwt.origin()),
                        null));
    }

    private static List<Diagnostic> build(TrafficPolicy policy) {
        try {
            return PolicyEngine.builder().policies(List.of(policy)).build().warnings();
        } catch (InvalidPolicyException problem) {
            return problem.diagnostics();
        }
    }
}
