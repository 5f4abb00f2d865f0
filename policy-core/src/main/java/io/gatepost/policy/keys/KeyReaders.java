package io.gatepost.policy.keys;

import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtProvider;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who reads the keys of a provider.
 *
 * @param client asks key servers
 * @param hosts where discovery may lead
 * @param filePeriod how often files are looked at
 * @param backends where backends are
 */
record KeyReaders(
        KeyClient client,
        DiscoveryHosts hosts,
        Duration filePeriod,
        Function<JwksSource.RemoteBackend, @Nullable KeyEndpoint> backends) {
    /** What tells one place from another, for people too. */
    static String name(JwtProvider provider) {
        JwksSource source = provider.jwks();
        if (source instanceof JwksSource.File file) {
            return file.path().toString();
        }
        if (source instanceof JwksSource.RemoteUrl remote) {
            return remote.url().toString();
        }
        if (source instanceof JwksSource.RemoteBackend backend) {
            String port = backend.port() == null ? "" : ":" + backend.port();
            return backend.kind() + " " + backend.namespace() + "/" + backend.name() + port + " " + backend.path();
        }
        return "discovery of " + provider.issuer();
    }

    /** How often a place is asked. */
    Duration period(JwksSource source) {
        if (source instanceof JwksSource.File) {
            return filePeriod;
        }
        if (source instanceof JwksSource.RemoteUrl remote) {
            return remote.cacheDuration();
        }
        return source instanceof JwksSource.RemoteBackend backend
                ? backend.cacheDuration()
                : JwksSource.DEFAULT_CACHE_DURATION;
    }

    KeyReader of(JwtProvider provider) {
        JwksSource source = provider.jwks();
        if (source instanceof JwksSource.File file) {
            return new KeyFile(file.path());
        }
        if (source instanceof JwksSource.RemoteUrl remote) {
            KeyEndpoint endpoint = new KeyEndpoint(remote.url());
            return new KeyServer(() -> endpoint, client);
        }
        return source instanceof JwksSource.RemoteBackend backend
                ? new KeyServer(() -> endpoint(backend), client)
                : KeyDiscovery.of(provider.issuer(), client, hosts);
    }

    private @Nullable KeyEndpoint endpoint(JwksSource.RemoteBackend backend) {
        KeyEndpoint endpoint = backends.apply(backend);
        String path = backend.path().startsWith("/") ? backend.path() : "/" + backend.path();
        return endpoint == null ? null : endpoint.at(endpoint.base().resolve(path));
    }
}
