package io.gatepost.policy;

import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What guards one route: the effective policies before and after routing. The two phases never merge; a request must
 * pass both. Immutable.
 *
 * @param preRouting what applies before routing
 * @param postRouting what applies after routing
 * @param closure what refuses every request that gets to it; null where the policies alone decide
 */
public record RoutePolicies(
        EffectivePolicy preRouting,
        EffectivePolicy postRouting,
        @Nullable Closure closure) {
    /** A route without any policy: open to everyone. */
    public static final RoutePolicies NONE = of(List.of());

    public RoutePolicies {
        Objects.requireNonNull(preRouting, "preRouting");
        Objects.requireNonNull(postRouting, "postRouting");
    }

    /**
     * A route that its policies alone decide about.
     *
     * @param preRouting what applies before routing
     * @param postRouting what applies after routing
     */
    public RoutePolicies(EffectivePolicy preRouting, EffectivePolicy postRouting) {
        this(preRouting, postRouting, null);
    }

    /**
     * Policies that all apply, whatever their targets.
     *
     * @param policies the policies, least specific first
     * @return each policy in its own phase
     */
    public static RoutePolicies of(List<TrafficPolicy> policies) {
        return new RoutePolicies(of(Phase.PRE_ROUTING, policies), of(Phase.POST_ROUTING, policies));
    }

    private static EffectivePolicy of(Phase phase, List<TrafficPolicy> policies) {
        return EffectivePolicy.of(
                policies.stream().filter(policy -> policy.phase() == phase).toList());
    }

    /**
     * The policies that apply to requests that meet these targets on their way, in both phases.
     *
     * @param leastSpecificFirst the targets, such as the gateway and the route
     * @param policies all policies; those with other targets are passed over
     * @return each policy that applies, in its own phase
     */
    public static RoutePolicies of(List<PolicyTarget> leastSpecificFirst, List<TrafficPolicy> policies) {
        return new RoutePolicies(
                EffectivePolicy.of(leastSpecificFirst, Phase.PRE_ROUTING, policies),
                EffectivePolicy.of(leastSpecificFirst, Phase.POST_ROUTING, policies));
    }

    /**
     * The effective policy of one phase.
     *
     * @param phase the phase
     * @return what applies in it
     */
    public EffectivePolicy in(Phase phase) {
        return phase == Phase.PRE_ROUTING ? preRouting : postRouting;
    }

    /**
     * Whether nothing here decides about a request. A host need not ask an engine then.
     *
     * @return whether no policy of either phase decides and nothing closes the route
     */
    public boolean isOpen() {
        return closure == null && !preRouting.decides() && !postRouting.decides();
    }

    /**
     * The same policies on a route that is closed.
     *
     * @param with what closes it. Of several closures give the one that a request meets first
     * @return the closed route
     */
    public RoutePolicies closed(Closure with) {
        return new RoutePolicies(preRouting, postRouting, Objects.requireNonNull(with, "with"));
    }

    /**
     * A fixed refusal at one place of a route, such as that of an invalid policy: nothing behind it is asked, and no
     * request passes.
     *
     * @param phase in which phase it stands
     * @param behindPolicies whether the policies of that phase judge first, so that only a request that they allow gets
     *     here; false: this stands in their place
     * @param policy the policy that closes the route; null where it has no name
     * @param deny the refusal
     */
    public record Closure(
            Phase phase, boolean behindPolicies, @Nullable ObjectName policy, Decision.Deny deny) {
        public Closure {
            Objects.requireNonNull(phase, "phase");
            Objects.requireNonNull(deny, "deny");
        }

        /** Whether a request that this closes off still meets the policies of a phase. */
        boolean isBehind(Phase judging) {
            return judging.compareTo(phase) < 0 || (judging == phase && behindPolicies);
        }
    }
}
