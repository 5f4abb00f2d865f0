package io.gatepost.policy;

import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.token.TokenCacheState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Builds the engines of all routes of one configuration, in one place and with one setting: routes with the same
 * effective policies share one engine, and so one memory of verified tokens. Close it when the configuration is
 * replaced; this closes every engine. Thread-safe.
 */
public final class RouteEngines implements AutoCloseable {
    private final UnaryOperator<PolicyEngine.Builder> settings;
    private final Map<List<List<TrafficPolicy>>, PolicyEngine> engines = new HashMap<>();
    private final Map<Shared, RouteEngine> routes = new HashMap<>();
    private final List<DecisionListener> listeners;

    /** What two routes must have in common to be one here. */
    private record Shared(
            @Nullable PolicyEngine preRouting,
            @Nullable PolicyEngine postRouting,
            RoutePolicies.@Nullable Closure closure) {}

    /**
     * Starts without engines.
     *
     * @param settings sets all that an engine needs beside its policies, such as {@code builder ->
     *     builder.keys(keys).expressions(compiler)}; called for each engine
     */
    public RouteEngines(UnaryOperator<PolicyEngine.Builder> settings) {
        this.settings = Objects.requireNonNull(settings, "settings");
        listeners = builder().listeners();
    }

    /** A policy may have parts that are others' to enforce, such as {@code cors}; then it demands nothing here. */
    private PolicyEngine.Builder builder() {
        return settings.apply(PolicyEngine.builder().allowingEverything());
    }

    /**
     * The engine of a route.
     *
     * @param policies what guards the route
     * @return an engine, the same for all routes with equal policies; good until this is closed
     * @throws InvalidPolicyException where the policies of a phase can't be used
     */
    public synchronized RouteEngine of(RoutePolicies policies) {
        PolicyEngine preRouting = engine(Phase.PRE_ROUTING, policies);
        PolicyEngine postRouting = engine(Phase.POST_ROUTING, policies);
        if (preRouting == null && postRouting == null && policies.closure() == null) {
            // Nobody is refused by it, but what is no request.
            postRouting = engine(policies.postRouting());
        }
        return routes.computeIfAbsent(
                new Shared(preRouting, postRouting, policies.closure()),
                shared -> new RouteEngine(shared.preRouting(), shared.postRouting(), shared.closure(), listeners));
    }

    private @Nullable PolicyEngine engine(Phase phase, RoutePolicies policies) {
        EffectivePolicy policy = policies.in(phase);
        boolean reached = policies.closure() == null || policies.closure().isBehind(phase);
        return reached && policy.decides() ? engine(policy) : null;
    }

    private PolicyEngine engine(EffectivePolicy policy) {
        List<List<TrafficPolicy>> deciding = policy.deciding();
        PolicyEngine known = engines.get(deciding);
        if (known == null) {
            known = builder().policy(policy).build();
            engines.put(deciding, known);
        }
        return known;
    }

    /**
     * How many engines there are.
     *
     * @return how many different effective policies were asked for
     */
    public synchronized int size() {
        return engines.size();
    }

    /**
     * How the memories of verified tokens fare.
     *
     * @return the counts of all engines together, as they are now
     */
    public synchronized TokenCacheState tokenCache() {
        return engines.values().stream()
                .map(PolicyEngine::tokenCache)
                .reduce(TokenCacheState.NONE, TokenCacheState::plus);
    }

    /** Closes all engines. Decisions go on with the keys last read. */
    @Override
    public synchronized void close() {
        engines.values().forEach(PolicyEngine::close);
    }
}
