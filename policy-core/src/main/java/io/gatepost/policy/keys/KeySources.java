package io.gatepost.policy.keys;

import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtProvider;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.jspecify.annotations.Nullable;

/**
 * The keys that are not written in policies: in files, behind URLs and backends, found by discovery. Reads them in the
 * background and keeps the last good ones. Make one, hand it to every {@link io.gatepost.policy.PolicyEngine.Builder#keys}, and close it
 * last: engines that follow each other share what was read. Thread-safe.
 *
 * <pre>{@code
 * try (KeySources keys = KeySources.create();
 *         PolicyEngine engine = PolicyEngine.builder().policies(policies).keys(keys).build()) {
 *     ... // as long as requests are judged
 * }
 * }</pre>
 */
public final class KeySources implements AutoCloseable {
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(daemons("timer"));
    private final ExecutorService threads = Executors.newCachedThreadPool(daemons("reader"));
    private final Map<Place, Shared> sources = new LinkedHashMap<>();

    /** What is in {@link #sources}, for those who must not wait for anybody. */
    private volatile List<PolledKeys> inUse = List.of();

    private final PolledKeys.Settings settings;
    private final @Nullable KeptKeys kept;
    private final KeyReaders readers;

    private KeySources(Builder builder) {
        kept = builder.stateDirectory == null ? null : KeptKeys.in(builder.stateDirectory);
        settings = new PolledKeys.Settings(
                builder.clock, builder.refetchInterval, builder.timeout, builder.maxStale, timer, threads);
        KeyClient client = new KeyClient(builder.addresses, builder.timeout, timer, SystemDefaultDnsResolver.INSTANCE);
        readers = new KeyReaders(client, builder.discoveryHosts, builder.filePeriod, builder.backends);
    }

    /** Where keys come from and how often they are read. */
    private record Place(String name, Duration period) {}

    /** A source and how many engines use it. */
    private record Shared(PolledKeys keys, int users) {}

    /**
     * Sources with the defaults.
     *
     * @return sources to close at the end
     */
    public static KeySources create() {
        return builder().build();
    }

    /**
     * Starts sources with other settings.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * How the sources in use fare.
     *
     * @return one state for each file, URL, backend and issuer, in the order of first use
     */
    public List<KeyState> states() {
        return inUse.stream().map(PolledKeys::state).toList();
    }

    /**
     * Ends all reading, and all writing in the {@linkplain Builder#stateDirectory state directory}. Keys already read
     * stay good for the engines that have them.
     */
    @Override
    public void close() {
        synchronized (sources) {
            sources.values().forEach(shared -> shared.keys().close());
        }
        if (kept != null) {
            kept.close();
        }
        timer.shutdownNow();
        threads.shutdownNow();
    }

    /** The keys of a provider, shared with all engines that name the same place; reading starts at first use. */
    PolledKeys acquire(JwtProvider provider) {
        Place place = new Place(KeyReaders.name(provider), readers.period(provider.jwks()));
        PolledKeys keys;
        boolean first;
        synchronized (sources) {
            Shared shared = sources.get(place);
            first = shared == null;
            keys = shared == null ? of(place, provider) : shared.keys();
            sources.put(place, new Shared(keys, shared == null ? 1 : shared.users() + 1));
            publish();
        }
        if (first) {
            keys.start();
        } else {
            keys.joined();
        }
        return keys;
    }

    /** Gives back what was acquired; the last user ends the reading. */
    void release(PolledKeys keys) {
        synchronized (sources) {
            sources.replaceAll(
                    (place, shared) -> shared.keys() == keys ? new Shared(keys, shared.users() - 1) : shared);
            if (sources.values().removeIf(shared -> shared.users() == 0)) {
                keys.close();
                publish();
            }
        }
    }

    private void publish() {
        inUse = sources.values().stream().map(Shared::keys).toList();
    }

    private PolledKeys of(Place place, JwtProvider provider) {
        KeptKeys outlasting = provider.jwks() instanceof JwksSource.File ? null : kept;
        return new PolledKeys(place.name(), readers.of(provider), place.period(), settings, outlasting);
    }

    private static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(task, "gatepost-keys-" + name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Collects how keys are read. Not thread-safe. */
    public static final class Builder {
        private Clock clock = Clock.systemUTC();
        private Duration refetchInterval = Duration.ofSeconds(30);
        private Duration timeout = Duration.ofSeconds(10);
        private Duration filePeriod = Duration.ofSeconds(1);
        private @Nullable Duration maxStale;
        private @Nullable Path stateDirectory;
        private Function<JwksSource.RemoteBackend, @Nullable KeyEndpoint> backends = backend -> null;
        private Function<URI, @Nullable InetSocketAddress> addresses = url -> null;
        private DiscoveryHosts discoveryHosts = DiscoveryHosts.BY_NAME;

        private Builder() {}

        /**
         * Sets the clock that the age of keys is told by; the system's otherwise.
         *
         * @param clock the clock
         * @return this
         */
        public Builder clock(Clock clock) {
            this.clock = Objects.requireNonNull(clock, "clock");
            return this;
        }

        /**
         * Sets how long after one out-of-turn fetch for an unknown {@code kid} the next may follow; 30 s otherwise. A
         * fetch that brought a key never seen before does not count, so that a rotation is always followed at once.
         *
         * @param interval the least time between two
         * @return this
         */
        public Builder refetchInterval(Duration interval) {
            refetchInterval = Objects.requireNonNull(interval, "interval");
            return this;
        }

        /**
         * Sets how long a fetch may take from name lookup to the last octet; 10 s otherwise.
         *
         * @param timeout the time for all of it
         * @return this
         */
        public Builder timeout(Duration timeout) {
            this.timeout = Objects.requireNonNull(timeout, "timeout");
            return this;
        }

        /**
         * Sets how often key files are looked at; every second otherwise.
         *
         * @param period the time between two looks
         * @return this
         */
        public Builder filePeriod(Duration period) {
            filePeriod = Objects.requireNonNull(period, "period");
            return this;
        }

        /**
         * Sets how long keys count after they were due to be read again and could not be; without limit otherwise.
         *
         * @param maxStale the time beyond the {@code cacheDuration}
         * @return this
         */
        public Builder maxStale(Duration maxStale) {
            this.maxStale = Objects.requireNonNull(maxStale, "maxStale");
            return this;
        }

        /**
         * Sets where the last good keys of key servers are kept, so that after a restart they count at once, also while
         * a server is down; nowhere otherwise. Only public keys are written. Files that can't be used are passed over
         * with a warning in the log.
         *
         * @param folder a folder that its owner alone may write, since who can write there can make tokens; made by
         *     {@link #build} where it does not exist
         * @return this
         */
        public Builder stateDirectory(Path folder) {
            stateDirectory = Objects.requireNonNull(folder, "folder");
            return this;
        }

        /**
         * Sets how a {@code backendRef} becomes an address. Asked before every fetch, from any thread, so that changed
         * manifests and TLS settings count at once.
         *
         * @param backends the endpoint of a backend, equal as long as nothing changed, or null where there is no such
         *     backend; the message of an {@link UncheckedIOException} says in the state why it can't be used
         * @return this
         */
        public Builder backends(Function<JwksSource.RemoteBackend, @Nullable KeyEndpoint> backends) {
            this.backends = Objects.requireNonNull(backends, "backends");
            return this;
        }

        /**
         * Sets where connections go, as curl's {@code --resolve} does; by the name service otherwise. TLS and the
         * {@code Host} header keep to the URL's host.
         *
         * @param addresses the address to connect to for a URL, or null for what the name service says
         * @return this
         */
        public Builder addresses(Function<URI, @Nullable InetSocketAddress> addresses) {
            this.addresses = Objects.requireNonNull(addresses, "addresses");
            return this;
        }

        /**
         * Sets which hosts a discovery document may send to for keys, beside the issuer's own. Otherwise it may name
         * any host by https, but no literal address, and, where the issuer's own address is a public one, no host whose
         * addresses are all of loopback or a private network.
         *
         * @param hosts names or addresses without a port; {@code http://} before one allows it without TLS; empty: the
         *     issuer's own host only
         * @return this
         * @throws IllegalArgumentException where one is no host
         */
        public Builder discoveryHosts(Collection<String> hosts) {
            discoveryHosts = DiscoveryHosts.of(hosts);
            return this;
        }

        /**
         * Makes the sources.
         *
         * @return sources to close at the end
         * @throws UncheckedIOException where the {@link #stateDirectory} can't be used
         */
        public KeySources build() {
            return new KeySources(this);
        }
    }
}
