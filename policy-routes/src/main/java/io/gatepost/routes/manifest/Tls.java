package io.gatepost.routes.manifest;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.ObjectName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to speak TLS to a backend.
 *
 * @param sni the name to ask for and to check the certificate against; null: the backend's host
 * @param caCertificateRefs {@code ConfigMap}s whose {@code ca.crt} holds the authorities to trust; empty: the system's
 * @param insecureSkipVerify what of the certificate is not checked; null: all is
 * @param verifySubjectAltNames names of which the certificate must have one; empty: the one of {@code sni}
 * @param origin where it is written
 */
public record Tls(
        @Nullable String sni,
        List<ObjectName> caCertificateRefs,
        @Nullable InsecureSkipVerify insecureSkipVerify,
        List<String> verifySubjectAltNames,
        Origin origin) {
    public Tls {
        caCertificateRefs = List.copyOf(caCertificateRefs);
        verifySubjectAltNames = List.copyOf(verifySubjectAltNames);
    }

    /**
     * Whether certificates are checked as the JDK does.
     *
     * @return whether nothing but a name is given
     */
    public boolean checksByDefault() {
        return caCertificateRefs.isEmpty() && insecureSkipVerify == null && verifySubjectAltNames.isEmpty();
    }

    /** What of a certificate is not checked. */
    public enum InsecureSkipVerify {
        /** Nothing is checked. */
        ALL,
        /** The authority must be trusted; the name does not count. */
        HOSTNAME
    }
}
