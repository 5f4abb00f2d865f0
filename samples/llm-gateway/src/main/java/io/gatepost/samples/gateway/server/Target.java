package io.gatepost.samples.gateway.server;

import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.ListIterator;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a policy can attach to.
 *
 * @param kind {@code Gateway} or {@code HTTPRoute}
 * @param name the object's name
 * @param labels the object's labels
 * @param sectionName a listener of the gateway or a rule of the route; null for the whole object
 */
record Target(
        String kind,
        ObjectName name,
        Map<String, String> labels,
        @Nullable String sectionName) {
    Target {
        labels = Map.copyOf(labels);
    }

    /** A listener of this gateway or a rule of this route. */
    Target section(String section) {
        return new Target(kind, name, labels, section);
    }

    /**
     * The policies of a request that meets these targets on its way, least specific first (reference section 2.4). Of
     * policies on one target the first read counts as the most specific: the Gateway API lets the older one win.
     */
    static List<TrafficPolicy> policiesOn(List<Target> leastSpecificFirst, Phase phase, List<TrafficPolicy> policies) {
        Set<TrafficPolicy> applying = new LinkedHashSet<>();
        for (Target target : leastSpecificFirst) {
            ListIterator<TrafficPolicy> youngestFirst = policies.listIterator(policies.size());
            while (youngestFirst.hasPrevious()) {
                TrafficPolicy policy = youngestFirst.previous();
                if (policy.phase() == phase && target.isOf(policy)) {
                    applying.remove(policy);
                    applying.add(policy);
                }
            }
        }
        return List.copyOf(applying);
    }

    /** Whether a policy attaches here; it can't reach beyond its own namespace. */
    boolean isOf(TrafficPolicy policy) {
        return policy.name().namespace().equals(name.namespace())
                && (policy.targetRefs().stream()
                                .anyMatch(ref -> ref.kind().equals(kind)
                                        && ref.name().equals(name.name())
                                        && Objects.equals(ref.sectionName(), sectionName))
                        || policy.targetSelectors().stream()
                                .anyMatch(selector -> selector.kind().equals(kind)
                                        && labels.entrySet()
                                                .containsAll(
                                                        selector.matchLabels().entrySet())
                                        && Objects.equals(selector.sectionName(), sectionName)));
    }
}
