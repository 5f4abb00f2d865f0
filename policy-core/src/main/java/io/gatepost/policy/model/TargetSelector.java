package io.gatepost.policy.model;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a policy attaches to, by labels, in the policy's own namespace.
 *
 * @param group API group
 * @param kind kind of the target, as in {@link TargetRef}
 * @param matchLabels labels that the target must all bear; never empty
 * @param sectionName a listener of a gateway or a named rule of a route; null for the whole object
 */
public record TargetSelector(
        String group,
        String kind,
        Map<String, String> matchLabels,
        @Nullable String sectionName) {
    public TargetSelector {
        Objects.requireNonNull(group, "group");
        Objects.requireNonNull(kind, "kind");
        matchLabels = Map.copyOf(matchLabels);
    }
}
