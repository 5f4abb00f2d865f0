package io.gatepost.routes.manifest;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.ObjectName;
import java.util.List;

/**
 * A {@code Service}: a name and ports within the cluster.
 *
 * @param name the object's name
 * @param ports the ports that it answers on
 * @param origin where the document starts
 */
public record Service(ObjectName name, List<Integer> ports, Origin origin) {
    public Service {
        ports = List.copyOf(ports);
    }
}
