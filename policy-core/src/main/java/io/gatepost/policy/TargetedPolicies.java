package io.gatepost.policy;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.model.TargetRef;
import io.gatepost.policy.model.TargetSelector;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which of several policies an engine applies. */
final class TargetedPolicies {
    private TargetedPolicies() {}

    /**
     * What policies come to that nobody has chosen among.
     *
     * @throws InvalidPolicyException where they are for different targets; one without a target was made by code
     */
    static EffectivePolicy alike(List<TrafficPolicy> policies) {
        List<TrafficPolicy> targeted =
                policies.stream().filter(TargetedPolicies::hasTarget).toList();
        if (targeted.stream().map(Targets::of).distinct().count() > 1) {
            throw new InvalidPolicyException(List.of(Diagnostic.error(
                    other(targeted).origin(),
                    "the policies have different targets, " + names(targeted)
                            + ": say which one is guarded, by `forTarget(...)` or in a file `target: HTTPRoute/chat`; or that"
                            + " all policies apply to every request, by `ignoringTargets()` or `target: '*'`")));
        }
        return EffectivePolicy.of(policies);
    }

    private record Targets(String namespace, Set<TargetRef> refs, Set<TargetSelector> selectors) {
        static Targets of(TrafficPolicy policy) {
            return new Targets(
                    policy.name().namespace(),
                    new HashSet<>(policy.targetRefs()),
                    new HashSet<>(policy.targetSelectors()));
        }
    }

    private static boolean hasTarget(TrafficPolicy policy) {
        return !policy.targetRefs().isEmpty() || !policy.targetSelectors().isEmpty();
    }

    /** The first one that has other targets than the first. */
    private static TrafficPolicy other(List<TrafficPolicy> targeted) {
        Targets first = Targets.of(targeted.get(0));
        return targeted.stream()
                .filter(policy -> !Targets.of(policy).equals(first))
                .findFirst()
                .orElseThrow();
    }

    /** Why nothing is demanded, where targets are the reason; else nothing. */
    static String passedOver(List<TrafficPolicy> policies, EffectivePolicy effective) {
        List<TrafficPolicy> others = policies.stream()
                .filter(policy -> hasTarget(policy) && !effective.policies().contains(policy))
                .toList();
        return others.isEmpty() ? "" : "; the policies that were given have other targets, " + names(others);
    }

    private static String names(List<TrafficPolicy> policies) {
        Set<String> names = new TreeSet<>();
        for (TrafficPolicy policy : policies) {
            String namespace = policy.name().namespace();
            policy.targetRefs()
                    .forEach(ref -> names.add(ref.kind() + "/" + namespace + "/" + ref.name() + of(ref.sectionName())));
            policy.targetSelectors()
                    .forEach(selector -> names.add(
                            selector.kind() + " with " + selector.matchLabels() + of(selector.sectionName())));
        }
        return "`" + String.join("`, `", names) + "`";
    }

    private static String of(@Nullable String section) {
        return section == null ? "" : "#" + section;
    }
}
