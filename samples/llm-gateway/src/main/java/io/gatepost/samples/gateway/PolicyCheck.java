package io.gatepost.samples.gateway;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.model.Diagnostic;
import io.gatepost.policy.model.InvalidPolicyException;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks at a policy's keys and expressions as an engine would, but fetches no keys. */
final class PolicyCheck {
    private static final CelExpressionCompiler EXPRESSIONS = new CelExpressionCompiler();

    private PolicyCheck() {}

    static List<Diagnostic> check(TrafficPolicy policy) {
        try {
            return PolicyEngine.builder()
                    .policies(List.of(new TrafficPolicy(
                            policy.name(),
                            policy.targetRefs(),
                            policy.targetSelectors(),
                            policy.phase(),
                            policy.inheritance(),
                            withWrittenKeys(policy.jwtAuthentication()),
                            policy.authorization(),
                            policy.origin())))
                    .expressions(EXPRESSIONS)
                    .build()
                    .warnings();
        } catch (InvalidPolicyException problem) {
            return problem.diagnostics();
        }
    }

    /** Of the providers those whose keys stand in the policy. */
    private static @Nullable JwtAuthentication withWrittenKeys(@Nullable JwtAuthentication jwt) {
        if (jwt == null) {
            return null;
        }
        List<JwtProvider> written = jwt.providers().stream()
                .filter(provider -> provider.jwks() instanceof JwksSource.Inline)
                .toList();
        return written.isEmpty() ? null : new JwtAuthentication(jwt.mode(), written, jwt.location(), jwt.origin());
    }
}
