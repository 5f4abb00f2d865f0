package io.gatepost.tools.explain;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What would have to differ, all of it, for the request to be allowed: found by deciding again with it. Immutable.
 *
 * @param changes the changes; none can be left out
 */
public record Cure(List<Change> changes) {
    public Cure {
        changes = List.copyOf(changes);
    }

    /** Whether it changes the policy, not the request. */
    public boolean changesPolicy() {
        return changes.stream().anyMatch(change -> change.kind() == Change.Kind.POLICY);
    }

    @Override
    public String toString() {
        return changes.stream().map(Change::text).collect(Collectors.joining("; and "));
    }
}
