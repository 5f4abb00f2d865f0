package io.gatepost.samples.gateway.server;

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
        boolean warnUnsupported) {
    public ServeOptions {
        files = List.copyOf(files);
        resolve = Map.copyOf(resolve);
        Objects.requireNonNull(host, "host");
    }
}
