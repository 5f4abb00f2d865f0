package io.gatepost.samples.gateway.server;

import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.routes.manifest.Environment;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code serve} was told. Immutable; made by a {@link Builder}, which knows what goes without saying.
 *
 * @param manifests what is served
 * @param listen where
 * @param upstreams who answers
 * @param stateDir where the last good keys of key servers outlive a restart; null for nowhere
 * @param discoveryHosts where discovery may lead beside the issuer's own host; null: to any https host by name
 * @param trustedProxies whose word counts for where a request comes from
 * @param forwardAuth what proxies may ask; null where they may not
 * @param tls what the gateway proves itself by; null for plain HTTP
 * @param limits what a client may ask of it
 * @param h2cUpgrade whether a client in the clear may switch to HTTP/2 by {@code Upgrade: h2c}
 * @param warmUp how long it may warm up before it serves; zero for not at all
 * @param drainTimeout how long requests under way may go on when it is closed
 * @param audit how decisions are recorded; null where they are not
 * @param adminHosts names beside loopback's, addresses and the listener's own under which the admin port answers
 * @param playgroundHosts names beside loopback's under which the admin port serves the playground; null for none at all
 */
public record ServeOptions(
        ManifestFiles manifests,
        Listen listen,
        Upstreams upstreams,
        @Nullable Path stateDir,
        @Nullable List<String> discoveryHosts,
        TrustedProxies trustedProxies,
        @Nullable ForwardAuthOptions forwardAuth,
        @Nullable TlsFiles tls,
        Limits limits,
        boolean h2cUpgrade,
        Duration warmUp,
        Duration drainTimeout,
        @Nullable AuditOptions audit,
        Set<String> adminHosts,
        @Nullable Set<String> playgroundHosts) {
    public ServeOptions {
        discoveryHosts = discoveryHosts == null ? null : List.copyOf(discoveryHosts);
        adminHosts = Set.copyOf(adminHosts);
        playgroundHosts = playgroundHosts == null ? null : Set.copyOf(playgroundHosts);
    }

    /**
     * What is served.
     *
     * @param paths files and folders of manifests
     * @param closeInvalid whether an invalid policy closes its targets instead of refusing all
     * @param warnUnsupported whether a field that is not enforced is a warning instead of an error
     * @param requirePolicy whether a route that no policy guards refuses all
     * @param environment gives the variables of Secrets
     */
    public record ManifestFiles(
            List<Path> paths,
            boolean closeInvalid,
            boolean warnUnsupported,
            boolean requirePolicy,
            Environment environment) {
        public ManifestFiles {
            paths = List.copyOf(paths);
        }

        /** Routes may be open, and Secrets get the variables of the process that go without saying. */
        public ManifestFiles(List<Path> paths, boolean closeInvalid, boolean warnUnsupported) {
            this(paths, closeInvalid, warnUnsupported, false, Environment.ofProcess(Set.of()));
        }
    }

    /**
     * Where requests are taken.
     *
     * @param host the address
     * @param port the port; 0 for any free one
     * @param adminPort the port of the probes; 0 for none
     */
    public record Listen(String host, int port, int adminPort) {
        public Listen {
            Objects.requireNonNull(host, "host");
        }
    }

    /**
     * Who answers what is allowed.
     *
     * @param mockLlm whether a mock in process answers for all backends
     * @param instead what answers for all backends; null where they do themselves
     * @param resolve where to connect instead, by {@code host:port}
     */
    public record Upstreams(boolean mockLlm, @Nullable URI instead, Map<String, InetSocketAddress> resolve) {
        public Upstreams {
            resolve = Map.copyOf(resolve);
        }
    }

    /**
     * What proxies may ask.
     *
     * @param port the port; 0 for any free one
     * @param claims the claims that they are told beside subject and issuer; letters, digits and hyphens
     */
    public record ForwardAuthOptions(int port, List<String> claims) {
        /** @throws IllegalArgumentException where a claim can't be part of a header's name */
        public ForwardAuthOptions {
            claims = new IdentityHeaders(claims).claims();
        }
    }

    /**
     * How decisions are recorded.
     *
     * @param file the file to append to; {@code -} for the standard output
     * @param claims the claims that are recorded beside subject and issuer
     * @param explained whether denials are recorded with why, in full, as far as these claims allow
     */
    public record AuditOptions(Path file, List<String> claims, boolean explained) {
        public AuditOptions {
            claims = List.copyOf(claims);
        }
    }

    /**
     * Starts with what goes without saying: any free port of loopback, no admin port, each backend itself, no warm-up.
     *
     * @param paths files and folders of manifests, an invalid one of which refuses all
     * @return a new builder
     */
    public static Builder builder(Path... paths) {
        return new Builder(new ManifestFiles(List.of(paths), false, false));
    }

    /** Options in the making. Not thread-safe. */
    public static final class Builder {
        private ManifestFiles manifests;
        private Listen listen = new Listen("127.0.0.1", 0, 0);
        private Upstreams upstreams = new Upstreams(false, null, Map.of());
        private @Nullable Path stateDir;
        private @Nullable List<String> discoveryHosts;
        private TrustedProxies trustedProxies = TrustedProxies.NONE;
        private @Nullable ForwardAuthOptions forwardAuth;
        private @Nullable TlsFiles tls;
        private Limits limits = Limits.DEFAULT;
        private boolean h2cUpgrade;
        private Duration warmUp = Duration.ZERO;
        private Duration drainTimeout = Duration.ofSeconds(30);
        private @Nullable AuditOptions audit;
        private Set<String> adminHosts = Set.of();
        private @Nullable Set<String> playgroundHosts;

        private Builder(ManifestFiles manifests) {
            this.manifests = manifests;
        }

        public Builder manifests(ManifestFiles files) {
            manifests = files;
            return this;
        }

        public Builder listen(Listen where) {
            listen = where;
            return this;
        }

        public Builder upstreams(Upstreams who) {
            upstreams = who;
            return this;
        }

        public Builder stateDir(@Nullable Path folder) {
            stateDir = folder;
            return this;
        }

        public Builder discoveryHosts(@Nullable List<String> hosts) {
            discoveryHosts = hosts;
            return this;
        }

        public Builder trustedProxies(TrustedProxies proxies) {
            trustedProxies = proxies;
            return this;
        }

        public Builder forwardAuth(@Nullable ForwardAuthOptions asked) {
            forwardAuth = asked;
            return this;
        }

        public Builder tls(@Nullable TlsFiles files) {
            tls = files;
            return this;
        }

        public Builder limits(Limits most) {
            limits = most;
            return this;
        }

        public Builder h2cUpgrade(boolean taken) {
            h2cUpgrade = taken;
            return this;
        }

        public Builder warmUp(Duration bound) {
            warmUp = bound;
            return this;
        }

        public Builder drainTimeout(Duration time) {
            drainTimeout = time;
            return this;
        }

        public Builder audit(@Nullable AuditOptions how) {
            audit = how;
            return this;
        }

        public Builder adminHosts(Set<String> names) {
            adminHosts = names;
            return this;
        }

        public Builder playgroundHosts(@Nullable Set<String> names) {
            playgroundHosts = names;
            return this;
        }

        public ServeOptions build() {
            return new ServeOptions(
                    manifests,
                    listen,
                    upstreams,
                    stateDir,
                    discoveryHosts,
                    trustedProxies,
                    forwardAuth,
                    tls,
                    limits,
                    h2cUpgrade,
                    warmUp,
                    drainTimeout,
                    audit,
                    adminHosts,
                    playgroundHosts);
        }
    }
}
