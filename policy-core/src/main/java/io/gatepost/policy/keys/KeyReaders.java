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
        return provider.jwks()
                .fold(
                        inline -> {
                            throw inPolicy();
                        },
                        file -> file.path().toString(),
                        remote -> remote.url().toString(),
                        KeyReaders::name,
                        discovery -> "discovery of " + provider.issuer());
    }

    private static String name(JwksSource.RemoteBackend backend) {
        String port = backend.port() == null ? "" : ":" + backend.port();
        return backend.kind() + " " + backend.namespace() + "/" + backend.name() + port + " " + backend.path();
    }

    /** Whoever asks for these has not looked where they are. */
    private static IllegalArgumentException inPolicy() {
        return new IllegalArgumentException("keys that stand in the policy are not read from anywhere");
    }

    /** How often a place is asked. */
    Duration period(JwksSource source) {
        return source.fold(
                inline -> {
                    throw inPolicy();
                },
                file -> filePeriod,
                JwksSource.RemoteUrl::cacheDuration,
                JwksSource.RemoteBackend::cacheDuration,
                discovery -> JwksSource.DEFAULT_CACHE_DURATION);
    }

    KeyReader of(JwtProvider provider) {
        return provider.jwks()
                .fold(
                        inline -> {
                            throw inPolicy();
                        },
                        file -> new KeyFile(file.path()),
                        this::server,
                        backend -> new KeyServer(() -> endpoint(backend), client),
                        discovery -> KeyDiscovery.of(provider.issuer(), client, hosts));
    }

    private KeyReader server(JwksSource.RemoteUrl remote) {
        KeyEndpoint endpoint = new KeyEndpoint(remote.url());
        return new KeyServer(() -> endpoint, client);
    }

    private @Nullable KeyEndpoint endpoint(JwksSource.RemoteBackend backend) {
        KeyEndpoint endpoint = backends.apply(backend);
        String path = backend.path().startsWith("/") ? backend.path() : "/" + backend.path();
        return endpoint == null ? null : endpoint.at(endpoint.base().resolve(path));
    }
}
