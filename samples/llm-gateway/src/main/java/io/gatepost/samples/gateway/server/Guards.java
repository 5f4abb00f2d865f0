package io.gatepost.samples.gateway.server;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.Explanation;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.model.Diagnostic;
import io.gatepost.policy.model.InvalidPolicyException;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.undertow.PolicyHandler;
import io.undertow.server.HttpHandler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts policies in front of handlers. Where a policy is invalid and only its targets are to be closed, what of it is
 * valid still counts: without a token the answer is 401 and not 403 where its authentication can be read.
 */
final class Guards {
    /** What of a policy is invalid. */
    private enum Flaw {
        RULES,
        AUTHENTICATION
    }

    private final Metrics metrics;
    private final Map<TrafficPolicy, Flaw> flaws = new HashMap<>();
    private final List<Diagnostic> found = new ArrayList<>();

    Guards(List<TrafficPolicy> policies, Metrics metrics) {
        this.metrics = metrics;
        policies.forEach(this::examine);
    }

    /** What the policies say wrongly or doubtfully beyond what their documents show: keys and expressions. */
    List<Diagnostic> diagnostics() {
        return List.copyOf(found);
    }

    private void examine(TrafficPolicy policy) {
        try {
            found.addAll(builder(List.of(policy)).build().warnings());
        } catch (InvalidPolicyException invalid) {
            found.addAll(invalid.diagnostics());
            flaws.put(policy, isValid(withoutRules(policy)) ? Flaw.RULES : Flaw.AUTHENTICATION);
        }
    }
}
