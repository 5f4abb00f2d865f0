package io.gatepost.policy;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.Enforcement;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.model.TrafficPolicy.Inheritance;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What several policies come to for one phase of one route ({@code docs/semantics.md#several-policies}): the most
 * specific {@code jwtAuthentication} and all {@code authorization}s. Computed once per configuration; {@link #toString}
 * tells it with the place of every line. Immutable.
 *
 * <p>{@code strategy.inheritance: Override} keeps its field against the policies of more specific targets; before
 * routing there is none. Of several policies on one target all rules count, and the {@code jwtAuthentication} of one
 * with Override, else of the first one given: the Gateway API lets the older one win.
 */
public final class EffectivePolicy {
    private final List<TrafficPolicy> policies;
    private final @Nullable TrafficPolicy authenticating;
    private final List<TrafficPolicy> authorizing;
    private final List<List<TrafficPolicy>> attached;

    private EffectivePolicy(
            List<List<TrafficPolicy>> attached,
            List<TrafficPolicy> policies,
            @Nullable TrafficPolicy authenticating,
            Set<TrafficPolicy> authorizing) {
        this.attached = attached;
        this.policies = policies;
        this.authenticating = authenticating;
        this.authorizing = List.copyOf(authorizing);
    }

    /**
     * What applies to requests that meet these targets on their way.
     *
     * @param leastSpecificFirst the targets: the gateway, its listener and, after routing, the route and its named rule
     * @param phase before or after routing; the two never merge
     * @param policies all policies, in the order in which they were read; those with other targets or of the other
     *     phase are passed over
     * @return the effective policy; without any rule or demand where no policy applies
     */
    public static EffectivePolicy of(List<PolicyTarget> leastSpecificFirst, Phase phase, List<TrafficPolicy> policies) {
        // Plain loops: this is asked for each rule of each route.
        List<List<TrafficPolicy>> attached = new ArrayList<>(leastSpecificFirst.size());
        for (PolicyTarget target : leastSpecificFirst) {
            List<TrafficPolicy> onTarget = new ArrayList<>(0);
            for (TrafficPolicy policy : policies) {
                if (policy.phase() == phase && target.isTargetOf(policy)) {
                    onTarget.add(policy);
                }
            }
            attached.add(List.copyOf(onTarget));
        }
        return resolve(List.copyOf(attached));
    }

    /**
     * What applies to requests that meet these targets, for hosts that have one phase only.
     *
     * @param leastSpecificFirst the targets, such as the gateway and the route
     * @param policies all policies, of whatever phase; those with other targets are passed over
     * @return the effective policy; without any rule or demand where no policy applies
     */
    public static EffectivePolicy of(List<PolicyTarget> leastSpecificFirst, List<TrafficPolicy> policies) {
        return resolve(leastSpecificFirst.stream()
                .map(target -> policies.stream().filter(target::isTargetOf).toList())
                .toList());
    }

    /**
     * What policies come to that nobody has chosen among, which must have the same targets.
     *
     * @param leastSpecificFirst the policies; all apply, of whatever phase
     * @return the effective policy
     * @throws io.gatepost.policy.diagnostic.InvalidPolicyException where they have different targets, and so are for
     *     different requests; policies without any target, which code makes, go with all
     */
    public static EffectivePolicy alike(List<TrafficPolicy> leastSpecificFirst) {
        return TargetedPolicies.alike(leastSpecificFirst);
    }

    /**
     * What policies come to that were chosen by other means than their targets.
     *
     * @param leastSpecificFirst the policies, each more specific than the one before; all apply, of whatever phase
     * @return the effective policy
     */
    public static EffectivePolicy of(List<TrafficPolicy> leastSpecificFirst) {
        return resolve(leastSpecificFirst.stream().map(List::of).toList());
    }

    private static EffectivePolicy resolve(List<List<TrafficPolicy>> leastSpecificFirst) {
        Set<TrafficPolicy> policies = new LinkedHashSet<>();
        Set<TrafficPolicy> authorizing = new LinkedHashSet<>();
        TrafficPolicy authenticating = null;
        boolean rulesLocked = false;
        for (List<TrafficPolicy> attached : leastSpecificFirst) {
            if (attached.isEmpty()) {
                continue;
            }
            policies.addAll(attached);
            List<TrafficPolicy> onOneTarget = attached.stream()
                    .filter(policy -> policy.enforcement() == Enforcement.ENFORCED)
                    .toList();
            TrafficPolicy candidate = authenticating(onOneTarget);
            if (candidate != null && (authenticating == null || !locks(authenticating))) {
                authenticating = candidate;
            }
            if (!rulesLocked) {
                List<TrafficPolicy> withRules =
                        onOneTarget.stream().filter(EffectivePolicy::hasRules).toList();
                authorizing.addAll(withRules);
                rulesLocked = withRules.stream().anyMatch(EffectivePolicy::locks);
            }
        }
        return new EffectivePolicy(leastSpecificFirst, List.copyOf(policies), authenticating, authorizing);
    }

    private static boolean hasRules(TrafficPolicy policy) {
        return policy.authorization() != null && policy.authorization().enforcement() == Enforcement.ENFORCED;
    }

    /**
     * The policies of which something is only reported.
     *
     * @return the policies in shadow, wholly or with their rules
     */
    public List<TrafficPolicy> shadows() {
        return policies.stream().filter(TrafficPolicy::hasShadow).toList();
    }

    /**
     * What decides here, target by target: all that an engine is made from, and all that {@link #parts} tells. Two
     * effective policies for which this is equal are one for every request.
     */
    List<List<TrafficPolicy>> deciding() {
        return attached.stream()
                .map(onOneTarget ->
                        onOneTarget.stream().filter(TrafficPolicy::decides).toList())
                .filter(onOneTarget -> !onOneTarget.isEmpty())
                .toList();
    }

    /**
     * Whether an engine is needed for it: whether a policy authenticates or has rules, if only in shadow.
     *
     * @return false where no policy applies, or all have parts only that others enforce, such as {@code cors}
     */
    public boolean decides() {
        return policies.stream().anyMatch(TrafficPolicy::decides);
    }

    /** What it would be if this one of the {@link #shadows} counted. */
    EffectivePolicy enforcing(TrafficPolicy shadow) {
        return resolve(attached.stream()
                .map(onOneTarget -> onOneTarget.stream()
                        .map(policy -> policy.equals(shadow) ? policy.enforced() : policy)
                        .toList())
                .toList());
    }

    private static @Nullable TrafficPolicy authenticating(List<TrafficPolicy> onOneTarget) {
        List<TrafficPolicy> candidates = onOneTarget.stream()
                .filter(policy -> policy.jwtAuthentication() != null)
                .toList();
        return candidates.stream()
                .filter(EffectivePolicy::locks)
                .findFirst()
                .orElse(candidates.isEmpty() ? null : candidates.get(0));
    }

    /** Whether it keeps its parts against the policies of more specific targets. */
    static boolean locks(TrafficPolicy policy) {
        return policy.inheritance() == Inheritance.OVERRIDE && policy.phase() == Phase.POST_ROUTING;
    }

    /**
     * The policies that attach, also those whose parts all give way to others.
     *
     * @return the policies, least specific first
     */
    public List<TrafficPolicy> policies() {
        return policies;
    }

    /**
     * The authentication in force.
     *
     * @return it, or null where no policy has one: nothing is demanded then
     */
    public @Nullable JwtAuthentication jwtAuthentication() {
        return authenticating == null ? null : authenticating.jwtAuthentication();
    }

    /**
     * The policy whose authentication is in force.
     *
     * @return the policy that {@link #jwtAuthentication} stands in, or null where no policy has one
     */
    public @Nullable TrafficPolicy authenticating() {
        return authenticating;
    }

    /**
     * The policies whose rules are in force.
     *
     * @return the policies, each with an {@code authorization}
     */
    public List<TrafficPolicy> authorizing() {
        return authorizing;
    }

    /** Without authentication nothing is demanded, as in Optional mode without a token. */
    JwtMode mode() {
        JwtAuthentication jwt = jwtAuthentication();
        return jwt == null ? JwtMode.OPTIONAL : jwt.mode();
    }

    /** Whether every request may pass. A policy in shadow is meant to demand something one day. */
    boolean demandsNothing() {
        return authenticating == null && authorizing.isEmpty() && shadows().isEmpty();
    }

    /**
     * A part of what is in force, or of what gives way to it.
     *
     * @param origin where it is written
     * @param text what it says, in one line
     */
    public record Part(Origin origin, String text) {
        @Override
        public String toString() {
            return origin.place().isEmpty() ? text : origin.place() + ": " + text;
        }
    }

    /**
     * The whole effective policy, part by part, for people.
     *
     * @return what is in force, then what gives way to it; empty where no policy applies
     */
    public List<Part> parts() {
        return new EffectiveParts(this).all();
    }

    /**
     * The whole effective policy, for people.
     *
     * @return {@code file:line:col: what is in force there}, one per line, then what gives way to it; empty where no
     *     policy applies
     */
    @Override
    public String toString() {
        return parts().stream().map(Part::toString).collect(Collectors.joining("\n"));
    }
}
