package io.gatepost.samples.gateway.observe;

import io.gatepost.policy.model.ObjectName;
import org.jspecify.annotations.Nullable;

/** Where all that happens is told. Thread-safe. */
public final class Observer {
    private final Metrics metrics;
    private final @Nullable AuditLog audit;
    private final RefusalLines refusals = new RefusalLines();

    /**
     * Tells of one gateway.
     *
     * @param metrics what counts
     * @param audit what records every decision; null for nothing
     */
    public Observer(Metrics metrics, @Nullable AuditLog audit) {
        this.metrics = metrics;
        this.audit = audit;
    }

    /**
     * What counts.
     *
     * @return the metrics of this gateway
     */
    public Metrics metrics() {
        return metrics;
    }

    @Nullable
    AuditLog audit() {
        return audit;
    }

    RefusalLines refusals() {
        return refusals;
    }

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
