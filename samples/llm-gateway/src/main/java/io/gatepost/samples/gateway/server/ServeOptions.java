package io.gatepost.samples.gateway.server;

import io.gatepost.policy.forward.TrustedProxies;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What {@code serve} was told.
 *
 * @param files files and folders of manifests
 * @param host the address to listen on
 * @param port the port to listen on; 0 for any free one
 * @param adminPort the port of the probes; 0 for none
 * @param mockLlm whether a mock in process answers for all backends
 * @param upstream what answers for all backends; null where they do themselves
 * @param resolve where to connect instead, by {@code host:port}
 * @param stateDir where the last good keys of key servers outlive a restart; null for nowhere
 * @param closeInvalid whether an invalid policy closes its targets instead of refusing all
 * @param warnUnsupported whether a field that is not enforced is a warning instead of an error
 * @param trustedProxies whose word counts for where a request comes from
 * @param forwardAuthPort the port on which proxies ask about requests; 0 for any free one, null for none
 * @param forwardAuthClaims the claims that they are told beside subject and issuer; letters, digits and hyphens
 */
public record ServeOptions(
        List<Path> files,
        String host,
        int port,
        int adminPort,
        boolean mockLlm,
        @Nullable URI upstream,
        Map<String, InetSocketAddress> resolve,
        @Nullable Path stateDir,
        boolean closeInvalid,
        boolean warnUnsupported,
        TrustedProxies trustedProxies,
        @Nullable Integer forwardAuthPort,
        List<String> forwardAuthClaims) {
    /** Without forward authentication. */
    public ServeOptions(
            List<Path> files,
            String host,
            int port,
            int adminPort,
            boolean mockLlm,
            @Nullable URI upstream,
            Map<String, InetSocketAddress> resolve,
            @Nullable Path stateDir,
            boolean closeInvalid,
            boolean warnUnsupported,
            TrustedProxies trustedProxies) {
        this(
                files,
                host,
                port,
                adminPort,
                mockLlm,
                upstream,
                resolve,
                stateDir,
                closeInvalid,
                warnUnsupported,
                trustedProxies,
                null,
                List.of());
    }

    public ServeOptions {
        files = List.copyOf(files);
        resolve = Map.copyOf(resolve);
        forwardAuthClaims = new IdentityHeaders(forwardAuthClaims).claims();
        Objects.requireNonNull(host, "host");
        Objects.requireNonNull(trustedProxies, "trustedProxies");
    }
}
