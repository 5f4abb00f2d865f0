package io.gatepost.routes;

import io.gatepost.policy.RouteEngines;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.document.PolicyReader.RejectedPolicy;
import io.gatepost.policy.expression.ExpressionCompiler;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.Authorization.EvaluationErrorPolicy;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.routes.manifest.Manifests;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks at the keys and expressions of policies as an engine would, but fetches no keys. Not instantiable. */
public final class PolicyCheck {
    private PolicyCheck() {}

    /**
     * What the policies say wrongly or doubtfully beyond what their documents show.
     *
     * @param manifests the policies, and those that could not be read whole
     * @param expressions compiles their expressions
     * @return the diagnostics, policy by policy
     */
    public static List<Diagnostic> check(Manifests manifests, ExpressionCompiler expressions) {
        List<Diagnostic> found = new ArrayList<>();
        try (RouteEngines engines = new RouteEngines(engine -> engine.expressions(expressions))) {
            manifests.policies().forEach(policy -> found.addAll(check(withWrittenKeys(policy), engines)));
            manifests.rejectedPolicies().forEach(policy -> found.addAll(check(readable(policy), engines)));
        }
        return found;
    }

    private static List<Diagnostic> check(TrafficPolicy policy, RouteEngines engines) {
        if (!policy.decides()) {
            return List.of();
        }
        try {
            return engines.of(RoutePolicies.of(List.of(policy))).warnings();
        } catch (InvalidPolicyException problem) {
            return problem.diagnostics();
        }
    }

    /** With those of its providers only whose keys stand in the policy. */
    private static TrafficPolicy withWrittenKeys(TrafficPolicy policy) {
        JwtAuthentication jwt = policy.jwtAuthentication();
        return policy.withJwtAuthentication(jwt == null ? null : withWrittenKeys(jwt));
    }

    private static @Nullable JwtAuthentication withWrittenKeys(JwtAuthentication jwt) {
        List<JwtProvider> written = jwt.providers().stream()
                .filter(provider -> provider.jwks() instanceof JwksSource.Inline)
                .toList();
        return written.isEmpty() ? null : jwt.withProviders(written);
    }

    /** What of it can be looked at, to find more than the reasons for which it was rejected already. */
    private static TrafficPolicy readable(RejectedPolicy policy) {
        List<JwtProvider> providers = policy.keySets().stream()
                .map(keys -> JwtProvider.of("any", keys))
                .toList();
        JwtAuthentication jwt = providers.isEmpty()
                ? null
                : new JwtAuthentication(JwtMode.STRICT, providers, TokenLocation.BEARER, policy.origin());
        Authorization rules = policy.expressions().isEmpty()
                ? null
                : new Authorization(
                        AuthorizationAction.REQUIRE, policy.expressions(), EvaluationErrorPolicy.DENY, policy.origin());
        return TrafficPolicy.of(policy.name().name(), jwt, rules);
    }
}
