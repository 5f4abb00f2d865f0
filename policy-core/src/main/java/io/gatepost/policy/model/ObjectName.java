package io.gatepost.policy.model;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A Kubernetes object's name.
 *
 * @param namespace the namespace, {@code default} where the document gives none
 * @param name the name within it
 */
public record ObjectName(String namespace, String name) {
    public ObjectName {
        Objects.requireNonNull(namespace, "namespace");
        Objects.requireNonNull(name, "name");
    }

    // Written out, since every JVM would link them anew at its start.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ObjectName that && name.equals(that.name) && namespace.equals(that.namespace);
    }

    @Override
    public int hashCode() {
        return 31 * namespace.hashCode() + name.hashCode();
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
