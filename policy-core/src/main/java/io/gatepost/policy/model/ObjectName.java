package io.gatepost.policy.model;

import java.util.Objects;

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

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
