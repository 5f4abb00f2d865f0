package io.gatepost.policy.keys;

import java.net.URI;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Where a backend that serves keys answers.
 *
 * @param base its scheme and authority, such as {@code https://idp.example.com:8443}; a path is ignored
 * @param tls what to trust; null: the JDK's default
 * @param serverName the name that its certificate must have and that is sent as SNI (RFC 6066 section 3); null: the
 *     host of {@code base}
 */
public record KeyEndpoint(
        URI base, @Nullable SSLContext tls, @Nullable String serverName) {
    public KeyEndpoint {
        Objects.requireNonNull(base, "base");
    }

    /**
     * An endpoint with default TLS.
     *
     * @param base its scheme and authority
     */
    public KeyEndpoint(URI base) {
        this(base, null, null);
    }

    KeyEndpoint at(URI url) {
        return new KeyEndpoint(url, tls, serverName);
    }
}
