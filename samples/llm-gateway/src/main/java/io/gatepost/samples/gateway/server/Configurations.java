package io.gatepost.samples.gateway.server;

import io.gatepost.policy.RouteEngines;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.cel.LinearRegex;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.Diagnostic.Severity;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.document.Findings;
import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.policy.keys.KeyEndpoint;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.routes.Exposure;
import io.gatepost.routes.ManifestSource;
import io.gatepost.routes.Opening;
import io.gatepost.routes.Openings;
import io.gatepost.routes.Openings.Served;
import io.gatepost.routes.PolicyTable;
import io.gatepost.routes.RouteTable;
import io.gatepost.routes.Router;
import io.gatepost.routes.backend.Backends;
import io.gatepost.routes.manifest.Manifests;
import io.gatepost.routes.manifest.Secret;
import io.gatepost.samples.gateway.observe.Observer;
import io.undertow.server.HttpHandler;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the files and holds what is served of them: as a whole or, where they are invalid, not at all. Thread-safe. */
final class Configurations implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("gateway");

    private static final CelExpressionCompiler EXPRESSIONS = new CelExpressionCompiler();

    private static final int VERIFICATIONS_WAITING = 1024;

    private final ServeOptions options;
    private final @Nullable URI instead;
    private final Observer observer;
    private final ManifestSource source;
    private final Forwarders forwarders;
    private final KeySources keys;
    private final ExecutorService verifiers = verifiers();
    private final @Nullable ForwardAuth forwardAuth;
    private volatile @Nullable Backends backends;
    private volatile @Nullable Configuration current;
    private final Set<String> environmentTold = new HashSet<>();
    private @Nullable String refusedBecause;

    /**
     * @param source what is served
     * @param instead what answers for all backends; null where they do themselves
     * @param forwardAuth answers proxies; null where none may ask
     */
    Configurations(
            ServeOptions options,
            ManifestSource source,
            @Nullable URI instead,
            Observer observer,
            @Nullable ForwardAuth forwardAuth) {
        this.options = options;
        this.instead = instead;
        this.observer = observer;
        this.forwardAuth = forwardAuth;
        this.source = source;
        forwarders =
                new Forwarders(options.upstreams().resolve(), options.limits().judgedBodyBytes(), observer.metrics());
        keys = keys();
    }

    /** What stands in the files that are to be served. */
    static ManifestSource files(ServeOptions.ManifestFiles files) {
        return ManifestSource.ofFiles(
                files.paths(),
                files.warnUnsupported() ? Severity.WARNING : Severity.ERROR,
                files.environment(),
                LinearRegex::of);
    }

    /** As many as can work at once, and a queue that they are done with in a second or so. */
    private static ExecutorService verifiers() {
        int cores = Runtime.getRuntime().availableProcessors();
        AtomicInteger made = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                cores, cores, 1, TimeUnit.MINUTES, new ArrayBlockingQueue<>(VERIFICATIONS_WAITING), work -> {
                    Thread thread = new Thread(work, "verifier-" + made.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private KeySources keys() {
        KeySources.Builder builder = KeySources.builder()
                .addresses(url -> options.upstreams().resolve().get(Backends.authority(url)))
                .backends(this::keysOf);
        if (options.stateDir() != null) {
            builder.stateDirectory(options.stateDir());
        }
        if (options.discoveryHosts() != null) {
            builder.discoveryHosts(options.discoveryHosts());
        }
        return builder.build();
    }

    private @Nullable KeyEndpoint keysOf(JwksSource.RemoteBackend source) {
        Backends known = backends;
        return known == null ? null : known.keys(source);
    }

    /** Where the policies' keys come from. */
    KeySources keySources() {
        return keys;
    }

    /** What is served now; once {@link #load} has returned. */
    Configuration current() {
        return Objects.requireNonNull(current, "not loaded");
    }

    /**
     * Reads the files for the first time.
     *
     * @throws InvalidPolicyException with every problem of the manifests, where they can't be served
     */
    void load() {
        serve(read(null));
    }

    private void serve(Configuration next) {
        current = next;
        observer.metrics().tokenCaches(next.engines()::tokenCache);
        observer.metrics().unguarded(next.served().exposure().open().size());
        for (Secret secret : next.served().manifests().secrets()) {
            if (!secret.variables().isEmpty() && environmentTold.add(secret.name() + " " + secret.variables())) {
                LOG.info("Secret {} takes {} from the environment", secret.name(), secret.variables());
            }
        }
    }

    /**
     * Changed files are taken as a whole or not at all. Whatever goes wrong, an error of the JVM included, what was
     * read before is served on.
     *
     * @param again whether these files were refused before; they are told of again only where the reason is another
     * @return whether they are served
     */
    boolean reload(boolean again) {
        try {
            Configuration before = current();
            Configuration next = read(before);
            serve(next);
            forwarders.dropUnused();
            before.close();
            refusedBecause = null;
            observer.metrics().reloaded(true);
            tellOpened(Opening.between(before.served().exposure(), next.served().exposure()));
            LOG.info("the changed files are served");
            return true;
        } catch (InvalidPolicyException problem) {
            refused(String.valueOf(problem.getMessage()), again);
        } catch (Throwable bug) {
            StackTraceElement[] trace = bug.getStackTrace();
            refused(bug.getClass().getSimpleName() + " at " + (trace.length == 0 ? "unknown" : trace[0]), again);
        }
        return false;
    }

    private void refused(String why, boolean again) {
        if (!again || !why.equals(refusedBecause)) {
            refusedBecause = why;
            observer.metrics().reloaded(false);
            LOG.error("the changed files are not served, what was read before still is:\n{}", why);
        }
    }

    private void tellOpened(List<Opening> opened) {
        observer.metrics()
                .opened((int) opened.stream().map(Opening::route).distinct().count());
        opened.forEach(opening -> LOG.warn("{}", opening.line()));
    }

    private Configuration read(@Nullable Configuration served) {
        Manifests manifests = source.read();
        Backends before = backends;
        Backends next = new Backends(manifests, instead);
        // Engines ask for keys at once, and those of the new files are where these say.
        backends = next;
        try {
            return read(manifests, next, served);
        } catch (Throwable problem) {
            backends = before;
            throw problem;
        }
    }

    private Configuration read(Manifests manifests, Backends next, @Nullable Configuration before) {
        RouteEngines engines = new RouteEngines(engine ->
                engine.expressions(EXPRESSIONS).keys(keys).verifyOn(verifiers).listener(observer.decisions()));
        try {
            PolicyTable policies = PolicyTable.of(manifests, engines);
            Served served = new Served(manifests, new Exposure(manifests, policies));
            List<Diagnostic> found = found(manifests, policies, options.trustedProxies());
            check(served, found, before);
            if (observer.isHeard()) {
                found.forEach(diagnostic -> LOG.warn("{}", diagnostic));
            }
            RouteTable routes = new RouteTable(manifests, policies);
            PolicyEnforcement upstreams = new UpstreamEnforcement(
                    engines, rule -> forwarders.of(rule, next), options.limits().judgedBodyBytes());
            return new Configuration(
                    served, found, policies, engines, router(upstreams, routes), checks(engines, routes));
        } catch (Throwable problem) {
            // Also what an Error broke off: its keys must not be polled for ever.
            engines.close();
            throw problem;
        }
    }

    private Router<HttpHandler> router(PolicyEnforcement enforcement, RouteTable routes) {
        return new RouteHandlers(enforcement, observer.metrics().requests()).router(routes);
    }

    /** A preflight's answer would be consent for a proxy: what `cors` says is for the gateway's own port. */
    private @Nullable Router<HttpHandler> checks(RouteEngines engines, RouteTable routes) {
        return forwardAuth == null ? null : router(forwardAuth.by(engines), routes);
    }

    /** @throws InvalidPolicyException where the files can't be served in place of what is */
    private void check(Served served, List<Diagnostic> found, @Nullable Configuration before) {
        ServeOptions.ManifestFiles files = options.manifests();
        List<Diagnostic> refused =
                new ArrayList<>(files.requirePolicy() ? served.exposure().unguarded() : List.of());
        if (before != null) {
            refused.addAll(Openings.refused(before.served(), served, found));
        }
        boolean sound = found.stream().noneMatch(Diagnostic::isError);
        boolean closed = files.closeInvalid() && served.manifests().soundBesidePolicies();
        if (!refused.isEmpty() || !(sound || closed)) {
            refused.addAll(found);
            refused.sort(Findings.BY_POSITION);
            throw new InvalidPolicyException(refused);
        }
    }

    private static List<Diagnostic> found(Manifests manifests, PolicyTable policies, TrustedProxies proxies) {
        List<Diagnostic> found = new ArrayList<>(manifests.diagnostics());
        found.addAll(policies.diagnostics());
        found.addAll(manifests.danglingReferences());
        found.addAll(ProxyHeaders.unbelieved(manifests.policies(), proxies));
        found.sort(Findings.BY_POSITION);
        return found;
    }

    @Override
    public void close() {
        Configuration last = current;
        if (last != null) {
            last.close();
        }
        forwarders.close();
        keys.close();
        verifiers.shutdown();
    }
}
