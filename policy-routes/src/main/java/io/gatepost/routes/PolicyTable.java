package io.gatepost.routes;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.Explanation;
import io.gatepost.policy.RouteEngines;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.RoutePolicies.Closure;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.document.PolicyReader.RejectedPolicy;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.routes.manifest.Gateway;
import io.gatepost.routes.manifest.Gateway.Listener;
import io.gatepost.routes.manifest.Manifests;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What guards each place: the policies in force, and what closes the targets of invalid ones. Where a policy is
 * invalid, what of it is valid still counts: without a token the answer is 401 and not 403 where its authentication can
 * be read. Immutable.
 */
public final class PolicyTable {
    private static final Explanation WHY = new Explanation("the policy of this target is invalid", List.of());
    private static final Decision.Deny UNAUTHENTICATED =
            new Decision.Deny(DenyReason.TOKEN_MISSING, "Bearer realm=\"gatepost\"", WHY);
    private static final Decision.Deny FORBIDDEN = new Decision.Deny(DenyReason.POLICY_INVALID, null, WHY);
    private static final EffectivePolicy NOTHING = EffectivePolicy.of(List.of());

    /** What of a policy is invalid. */
    private enum Flaw {
        RULES,
        AUTHENTICATION
    }

    private final List<TrafficPolicy> inForce = new ArrayList<>();
    private final Map<TrafficPolicy, Flaw> flaws = new HashMap<>();
    private final List<Diagnostic> found = new ArrayList<>();
    private @Nullable Flaw flawOfUnknownTargets;
    private @Nullable ObjectName unknownTargets;

    private PolicyTable() {}

    /**
     * Takes policies as they are: none closes its targets.
     *
     * @param policies all that count
     * @return what guards each place
     */
    public static PolicyTable of(List<TrafficPolicy> policies) {
        PolicyTable table = new PolicyTable();
        table.inForce.addAll(policies);
        return table;
    }

    /**
     * Looks at each policy by itself, and closes the targets of what is invalid.
     *
     * @param manifests the policies, and those that could not be read whole
     * @param engines builds an engine of each policy alone
     * @return what guards each place
     */
    public static PolicyTable of(Manifests manifests, RouteEngines engines) {
        PolicyTable table = new PolicyTable();
        manifests.policies().forEach(policy -> table.examine(policy, engines));
        manifests.rejectedPolicies().forEach(policy -> table.close(policy, engines));
        return table;
    }

    private void examine(TrafficPolicy policy, RouteEngines engines) {
        try {
            if (policy.decides()) {
                found.addAll(engines.of(RoutePolicies.of(List.of(policy))).warnings());
            }
            inForce.add(policy);
        } catch (InvalidPolicyException invalid) {
            found.addAll(invalid.diagnostics());
            add(policy.withAuthorization(null), Flaw.RULES, engines);
        }
    }

    private void close(RejectedPolicy policy, RouteEngines engines) {
        Flaw flaw =
                policy.authenticates() && policy.left().jwtAuthentication() == null ? Flaw.AUTHENTICATION : Flaw.RULES;
        if (policy.targetsReadable()) {
            add(policy.left(), flaw, engines);
        } else {
            flawOfUnknownTargets = flaw;
            unknownTargets = policy.name();
        }
    }

    /** Without its authentication where that can't be used either. */
    private void add(TrafficPolicy left, Flaw flaw, RouteEngines engines) {
        boolean valid = isValid(left, engines);
        TrafficPolicy policy = valid ? left : left.withJwtAuthentication(null);
        inForce.add(policy);
        flaws.put(policy, valid ? flaw : Flaw.AUTHENTICATION);
    }

    private static boolean isValid(TrafficPolicy policy, RouteEngines engines) {
        try {
            return !policy.decides() || engines.of(RoutePolicies.of(List.of(policy))) != null;
        } catch (InvalidPolicyException invalid) {
            return false;
        }
    }

    /**
     * What the policies say wrongly or doubtfully beyond what their documents show: keys and expressions.
     *
     * @return the diagnostics, policy by policy
     */
    public List<Diagnostic> diagnostics() {
        return List.copyOf(found);
    }

    /**
     * What is in force.
     *
     * @return whole policies, and of invalid ones what of them still counts
     */
    public List<TrafficPolicy> inForce() {
        return List.copyOf(inForce);
    }

    /** What guards a request that no listener takes: only a policy whose targets nobody knows can be meant for it. */
    RoutePolicies ofNoListener() {
        Closure closure = closure(Phase.PRE_ROUTING, NOTHING);
        return closure == null ? RoutePolicies.NONE : RoutePolicies.NONE.closed(closure);
    }

    /** What guards a request to a listener before a route is chosen. */
    RoutePolicies of(Gateway gateway, Listener listener) {
        EffectivePolicy early = Attachment.preRouting(gateway, listener, inForce);
        return new RoutePolicies(early, NOTHING, closure(Phase.PRE_ROUTING, early));
    }

    /**
     * What guards a request to a rule in both phases.
     *
     * @param early what guards the rule's listener
     */
    RoutePolicies of(RoutePolicies early, Attachment at) {
        EffectivePolicy late = at.postRouting(inForce);
        Closure closure = early.closure() != null ? early.closure() : closure(Phase.POST_ROUTING, late);
        return new RoutePolicies(early.preRouting(), late, closure);
    }

    private @Nullable Closure closure(Phase phase, EffectivePolicy policy) {
        List<ObjectName> closing = closing(policy);
        if (closing.isEmpty()) {
            return null;
        }
        Set<Flaw> invalid = flawOfUnknownTargets != null
                ? Set.of(flawOfUnknownTargets)
                : policy.policies().stream()
                        .filter(flaws::containsKey)
                        .map(flaws::get)
                        .collect(Collectors.toSet());
        boolean unauthenticated = invalid.contains(Flaw.AUTHENTICATION);
        boolean behindPolicies = flawOfUnknownTargets == null && !unauthenticated;
        return new Closure(phase, behindPolicies, closing.get(0), unauthenticated ? UNAUTHENTICATED : FORBIDDEN);
    }

    /**
     * The invalid policies that close a place.
     *
     * @param policy what applies there
     * @return their names; empty where it is open to whom the policy allows
     */
    public List<ObjectName> closing(EffectivePolicy policy) {
        return unknownTargets != null
                ? List.of(unknownTargets)
                : policy.policies().stream()
                        .filter(flaws::containsKey)
                        .map(TrafficPolicy::name)
                        .toList();
    }

    /** The policies that stand between everyone and a place; empty where it is open. */
    Set<ObjectName> guarding(RoutePolicies policies) {
        Set<ObjectName> guarding = new HashSet<>();
        for (Phase phase : Phase.values()) {
            EffectivePolicy policy = policies.in(phase);
            guarding.addAll(closing(policy));
            policy.authorizing().forEach(one -> guarding.add(one.name()));
            if (policy.authenticating() != null) {
                guarding.add(policy.authenticating().name());
            }
        }
        return guarding;
    }
}
