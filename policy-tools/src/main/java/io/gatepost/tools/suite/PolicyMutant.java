package io.gatepost.tools.suite;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Policies with one small change.
 *
 * @param origin where the change is
 * @param change such as {@code `>=` were `>`}
 * @param policies all policies, one of them changed
 * @param rule the only rule that the change concerns; null where it concerns more
 */
record PolicyMutant(
        Origin origin,
        String change,
        List<TrafficPolicy> policies,
        @Nullable Origin rule) {}
