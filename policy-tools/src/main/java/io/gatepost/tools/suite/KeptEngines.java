package io.gatepost.tools.suite;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.RouteEngine;
import io.gatepost.policy.RouteEngines;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.explain.ChangedPolicies;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Engines for requests that may each have policies, variables and a time of their own. They are kept for a while, since
 * neighbouring requests are mostly judged by the same. Not thread-safe.
 */
public final class KeptEngines implements AutoCloseable {
    private static final int KEPT = 64;

    private final Function<Set<String>, RouteEngines> builders;
    private final Map<Set<String>, RouteEngines> engines = new HashMap<>();
    private final Map<Asked, RouteEngine> kept = new HashMap<>();
    private final SettableClock clock = new SettableClock();

    /**
     * Starts without engines.
     *
     * @param keys what reads keys that are not written in a policy; stays the caller's to close
     */
    public KeptEngines(KeySources keys) {
        Map<Set<String>, CelExpressionCompiler> compilers = new HashMap<>();
        builders = variables -> {
            CelExpressionCompiler compiler =
                    compilers.computeIfAbsent(variables, names -> new CelExpressionCompiler(names));
            return new RouteEngines(builder -> builder.clock(clock).keys(keys).expressions(compiler));
        };
    }

    /** Engines with the standard variables only, as the settings say. */
    KeptEngines(UnaryOperator<PolicyEngine.Builder> settings) {
        builders = variables -> new RouteEngines(builder -> settings.apply(builder.clock(clock)));
    }

    /** @param by a list of policies, or the policies of a route */
    private record Asked(Object by, boolean rulesOnly, Set<String> variables) {}

    /**
     * Sets when what is asked from now on is decided.
     *
     * @param instant as of then; null: now
     */
    public void at(@Nullable Instant instant) {
        clock.set(instant);
    }

    /**
     * The engine of policies that all apply, whatever their targets.
     *
     * @param policies least specific first
     * @param variables names of further variables of expressions
     * @return the engine; good until another one is asked for, or this is closed
     * @throws io.gatepost.policy.diagnostic.InvalidPolicyException where they can't be used
     */
    public RouteEngine of(List<TrafficPolicy> policies, Set<String> variables) {
        return kept(new Asked(policies, false, variables), () -> RoutePolicies.of(policies));
    }

    /**
     * The engine of a route.
     *
     * @param policies what guards the route
     * @param rulesOnly whether authentication is done
     * @param variables names of further variables of expressions
     * @return the engine; good until another one is asked for, or this is closed
     * @throws io.gatepost.policy.diagnostic.InvalidPolicyException where the policies can't be used
     */
    public RouteEngine of(RoutePolicies policies, boolean rulesOnly, Set<String> variables) {
        return kept(
                new Asked(policies, rulesOnly, variables),
                () -> rulesOnly ? ChangedPolicies.withoutAuthentication(policies) : policies);
    }

    private RouteEngine kept(Asked asked, Supplier<RoutePolicies> policies) {
        RouteEngine known = kept.get(asked);
        if (known != null) {
            return known;
        }
        if (kept.size() == KEPT) {
            close();
        }
        RouteEngine made = engines.computeIfAbsent(asked.variables(), builders).of(policies.get());
        kept.put(asked, made);
        return made;
    }

    /** Forgets all engines and closes them. */
    @Override
    public void close() {
        engines.values().forEach(RouteEngines::close);
        engines.clear();
        kept.clear();
    }
}
