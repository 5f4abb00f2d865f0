package io.gatepost.samples.gateway;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.document.PolicyReader.RejectedPolicy;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.Authorization.EvaluationErrorPolicy;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks at a policy's keys and expressions as an engine would, but fetches no keys. */
final class PolicyCheck {
    private static final CelExpressionCompiler EXPRESSIONS = new CelExpressionCompiler();

    private PolicyCheck() {}

    static List<Diagnostic> check(TrafficPolicy policy) {
        JwtAuthentication jwt = policy.jwtAuthentication();
        return build(policy.withJwtAuthentication(jwt == null ? null : withWrittenKeys(jwt)));
    }

    /** What can be said beyond the reasons for which a policy was rejected already. */
    static List<Diagnostic> check(RejectedPolicy policy) {
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
        return build(TrafficPolicy.of(policy.name().name(), jwt, rules));
    }

    private static List<Diagnostic> build(TrafficPolicy policy) {
        if (policy.jwtAuthentication() == null && policy.authorization() == null) {
            return List.of();
        }
        try {
            return PolicyEngine.builder()
                    .policies(List.of(policy))
                    .allowingEverything()
                    .expressions(EXPRESSIONS)
                    .build()
                    .warnings();
        } catch (InvalidPolicyException problem) {
            return problem.diagnostics();
        }
    }

    /** Of the providers those whose keys stand in the policy. */
    private static @Nullable JwtAuthentication withWrittenKeys(JwtAuthentication jwt) {
        List<JwtProvider> written = jwt.providers().stream()
                .filter(provider -> provider.jwks() instanceof JwksSource.Inline)
                .toList();
        return written.isEmpty() ? null : jwt.withProviders(written);
    }
}
