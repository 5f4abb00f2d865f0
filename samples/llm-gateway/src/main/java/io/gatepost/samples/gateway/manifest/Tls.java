package io.gatepost.samples.gateway.manifest;

import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.Origin;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to speak TLS to a backend.
 *
 * @param sni the name to ask for and to check the certificate against; null: the backend's host
 * @param caCertificateRefs {@code ConfigMap}s whose {@code ca.crt} holds the authorities to trust; empty: the system's
 * @param origin where it is written
 */
public record Tls(@Nullable String sni, List<ObjectName> caCertificateRefs, Origin origin) {
    public Tls {
        caCertificateRefs = List.copyOf(caCertificateRefs);
    }
}
