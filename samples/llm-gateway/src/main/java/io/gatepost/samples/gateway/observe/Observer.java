package io.gatepost.samples.gateway.observe;

import io.gatepost.policy.model.ObjectName;
import org.jspecify.annotations.Nullable;

/**
 * Where all that happens is told.
 *
 * @param metrics what counts
 * @param audit what records every decision; null for nothing
 */
public record Observer(Metrics metrics, @Nullable AuditLog audit) {
    /**
     * What hears of the decisions about a route.
     *
     * @param route the name of the route or the gateway
     * @param authenticating the policy that decides where no rule does; null for none
     * @return a listener for an engine
     */
    public DecisionLog of(String route, @Nullable ObjectName authenticating) {
        return new DecisionLog(route, authenticating, this);
    }
}
