package io.gatepost.policy.model;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a policy attaches to, by name, in the policy's own namespace.
 *
 * @param group API group, such as {@code gateway.networking.k8s.io}
 * @param kind {@code Gateway}, {@code HTTPRoute}, {@code GRPCRoute}, {@code ListenerSet} or {@code InferencePool}
 * @param name the object's name
 * @param sectionName a listener of a gateway or a named rule of a route; null for the whole object
 */
public record TargetRef(
        String group, String kind, String name, @Nullable String sectionName) {
    public TargetRef {
        Objects.requireNonNull(group, "group");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(name, "name");
    }
}
