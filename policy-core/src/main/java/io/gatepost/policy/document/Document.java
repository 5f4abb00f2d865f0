package io.gatepost.policy.document;

import io.gatepost.policy.model.ObjectName;
import java.util.Map;

/**
 * One document of a file.
 *
 * @param apiVersion its API group and version, such as {@code gateway.networking.k8s.io/v1}
 * @param kind its kind
 * @param name its name; empty where that is missing, which has been told
 * @param labels its labels
 * @param fields its top level; what surrounds {@code spec} has been looked at
 */
public record Document(String apiVersion, String kind, ObjectName name, Map<String, String> labels, Fields fields) {
    public Document {
        labels = Map.copyOf(labels);
    }

    /**
     * The API group.
     *
     * @return the part before the version; empty for the core group
     */
    public String group() {
        int slash = apiVersion.indexOf('/');
        return slash < 0 ? "" : apiVersion.substring(0, slash);
    }
}
