package io.gatepost.routes.manifest;

import io.gatepost.policy.diagnostic.Origin;
import java.time.Duration;
import java.util.List;

/**
 * {@code traffic.cors}: which pages of other origins may call (Fetch standard, CORS protocol).
 *
 * @param allowOrigins origins such as {@code https://app.example.com}, with {@code *} for leading labels of the host or
 *     for every origin
 * @param allowCredentials whether cookies and TLS client certificates may come along
 * @param allowMethods methods beside the simple ones; {@code *} for every method
 * @param allowHeaders request headers beside the simple ones; {@code *} for every header
 * @param exposeHeaders response headers that pages may read; {@code *} for every header
 * @param maxAge how long a browser may remember the answer to a preflight
 * @param origin where {@code allowOrigins} stands
 */
public record Cors(
        List<String> allowOrigins,
        boolean allowCredentials,
        List<String> allowMethods,
        List<String> allowHeaders,
        List<String> exposeHeaders,
        Duration maxAge,
        Origin origin) {
    public Cors {
        allowOrigins = List.copyOf(allowOrigins);
        allowMethods = List.copyOf(allowMethods);
        allowHeaders = List.copyOf(allowHeaders);
        exposeHeaders = List.copyOf(exposeHeaders);
    }

    /**
     * Whether the pages of everybody may call with what a browser adds by itself for its user.
     *
     * @return true for credentials and an origin that names no host
     */
    public boolean lendsCredentialsToAnybody() {
        return allowCredentials && allowOrigins.stream().anyMatch(allowed -> allowed.matches("\\*|[^/]*://\\*(:.*)?"));
    }
}
