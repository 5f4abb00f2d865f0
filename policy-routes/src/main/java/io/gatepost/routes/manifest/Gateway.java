package io.gatepost.routes.manifest;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.ObjectName;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A {@code Gateway}: where requests come in.
 *
 * @param name the object's name
 * @param labels the object's labels
 * @param listeners its listeners, at least one, each with a name of its own
 * @param origin where the document starts
 */
public record Gateway(ObjectName name, Map<String, String> labels, List<Listener> listeners, Origin origin) {
    public Gateway {
        labels = Map.copyOf(labels);
        listeners = List.copyOf(listeners);
    }

    /** Whose routes a listener takes. */
    public enum RoutesFrom {
        /** Routes of the gateway's own namespace; the default. */
        SAME,
        /** Routes of every namespace. */
        ALL,
        /** No routes. */
        NONE
    }

    /**
     * One listener.
     *
     * @param name its name, a policy's or a route's {@code sectionName}
     * @param port the port in the manifest; all listeners share the port that the gateway serves
     * @param protocol {@code HTTP}, or {@code HTTPS} where something in front ends TLS
     * @param hostname the host that it answers for, with {@code *.} in front for its subdomains; null for every host
     * @param routesFrom whose routes it takes
     */
    public record Listener(
            String name,
            int port,
            String protocol,
            @Nullable String hostname,
            RoutesFrom routesFrom) {}
}
