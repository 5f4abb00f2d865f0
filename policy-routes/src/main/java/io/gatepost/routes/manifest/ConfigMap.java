package io.gatepost.routes.manifest;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.ObjectName;
import java.util.Map;

/**
 * A {@code ConfigMap}, such as one that holds certificates of authorities.
 *
 * @param name the object's name
 * @param data its texts
 * @param origin where the document starts
 */
public record ConfigMap(ObjectName name, Map<String, String> data, Origin origin) {
    public ConfigMap {
        data = Map.copyOf(data);
    }
}
