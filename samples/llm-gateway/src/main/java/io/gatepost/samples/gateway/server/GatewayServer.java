package io.gatepost.samples.gateway.server;

import io.gatepost.policy.KeyEndpoint;
import io.gatepost.policy.KeySources;
import io.gatepost.policy.document.Findings;
import io.gatepost.policy.model.Diagnostic;
import io.gatepost.policy.model.Diagnostic.Severity;
import io.gatepost.policy.model.InvalidPolicyException;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.samples.gateway.manifest.Manifests;
import io.gatepost.undertow.EntryHandler;
import io.gatepost.undertow.PolicyHandler;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.GracefulShutdownHandler;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running gateway: one port, the manifests' routes behind it, swapped whole when files change. Thread-safe. */
public final class GatewayServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("gateway");
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);
    private static final Duration DRAIN_FOR = Duration.ofSeconds(20);
    static final int MAX_HEADER_BYTES = 64 * 1024;

    private final ServeOptions options;
    private final Metrics metrics = new Metrics();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Forwarders forwarders;
    private final KeySources keys;
    private final @Nullable MockLlm mock;
    private final GracefulShutdownHandler drain;
    private final FileWatch watch;
    private final Undertow server;
    private volatile @Nullable Backends backends;
    private volatile @Nullable Configuration configuration;
    private final ForwardAuth forwardAuth;
    private @Nullable AdminServer admin;
    private @Nullable ForwardAuthServer forwardAuthServer;

    /** What is swapped when files change; {@code checks} judges what proxies ask about, null where none may. */
    private record Configuration(Router router, @Nullable Router checks, Guards guards) {}

    private GatewayServer(ServeOptions options) {
        this.options = options;
        keys = keys(options);
        forwardAuth = new ForwardAuth(options.trustedProxies(), new IdentityHeaders(options.forwardAuthClaims()));
        mock = options.mockLlm() ? new MockLlm() : null;
        forwarders = new Forwarders(options.resolve());
        watch = new FileWatch(options.files(), LOOK_EVERY, this::reload);
        HttpHandler entry = new EntryHandler(options.trustedProxies(), this::route);
        drain = new GracefulShutdownHandler(new RequestIds(metrics, entry));
        server = Undertow.builder()
                .addHttpListener(options.port(), options.host())
                .setServerOption(UndertowOptions.ENABLE_HTTP2, true)
                .setServerOption(UndertowOptions.DECODE_URL, false)
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, EntryHandler.MAX_BODY)
                .setServerOption(UndertowOptions.MAX_HEADER_SIZE, MAX_HEADER_BYTES)
                // Otherwise bodies in chunks are broken off at 2 MiB, unanswered.
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, -1L)
                .setHandler(drain)
                .build();
    }

    /**
     * Reads the manifests and serves them until it is closed.
     *
     * @param options what to serve
     * @return the running gateway
     * @throws InvalidPolicyException with every problem of the manifests, where they can't be served
     */
    public static GatewayServer start(ServeOptions options) {
        GatewayServer gateway = new GatewayServer(options);
        try {
            gateway.configuration = gateway.load();
            gateway.server.start();
            if (options.adminPort() != 0) {
                gateway.admin = new AdminServer(
                        options.host(), options.adminPort(), () -> !gateway.closed.get(), gateway::metrics);
            }
            gateway.startForwardAuth();
            gateway.watch.start();
            return gateway;
        } catch (RuntimeException problem) {
            gateway.close();
            throw problem;
        }
    }

    private void startForwardAuth() {
        Integer port = options.forwardAuthPort();
        if (port != null) {
            HttpHandler checks = new RequestIds(metrics, this::check);
            forwardAuthServer = new ForwardAuthServer(options.host(), port, checks);
        }
    }

    private void check(HttpServerExchange exchange) throws Exception {
        Configuration current = configuration;
        Router checks = current == null ? null : current.checks();
        if (checks == null) {
            throw new IllegalStateException("nothing to judge by");
        }
        forwardAuth.answer(exchange, checks);
    }

    /** Where proxies ask; 0 where they can't. */
    int forwardAuthPort() {
        return forwardAuthServer == null ? 0 : forwardAuthServer.port();
    }

    /**
     * Where it serves.
     *
     * @return such as {@code http://127.0.0.1:8080}
     */
    public URI url() {
        InetSocketAddress address =
                (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
        String host = options.host().contains(":") ? "[" + options.host() + "]" : options.host();
        return URI.create("http://" + host + ":" + address.getPort());
    }

    private KeySources keys(ServeOptions options) {
        KeySources.Builder builder = KeySources.builder()
                .addresses(url -> options.resolve().get(Forwarders.authority(url)))
                .backends(this::keysOf);
        return (options.stateDir() == null ? builder : builder.stateDirectory(options.stateDir())).build();
    }

    private @Nullable KeyEndpoint keysOf(JwksSource.RemoteBackend source) {
        Backends current = backends;
        return current == null ? null : current.keys(source);
    }

    /** What {@code /metrics} says. */
    String metrics() {
        return metrics.text(keys.states(), Instant.now());
    }

    private void route(HttpServerExchange exchange) throws Exception {
        Configuration current = configuration;
        if (current != null) {
            current.router().handlerOf(PolicyHandler.request(exchange)).handleRequest(exchange);
        }
    }

    private Configuration load() {
        Manifests manifests = Manifests.read(
                options.files(), options.warnUnsupported() ? Severity.WARNING : Severity.ERROR, System::getenv);
        Backends before = backends;
        Backends next = new Backends(manifests, mock == null ? options.upstream() : mock.url());
        backends = next;
        Guards guards = new Guards(manifests, keys, metrics);
        List<Diagnostic> found = new ArrayList<>(manifests.diagnostics());
        found.addAll(guards.diagnostics());
        found.addAll(manifests.danglingReferences());
        found.sort(Findings.BY_POSITION);
        boolean sound = found.stream().noneMatch(Diagnostic::isError);
        if (!sound && !(options.closeInvalid() && manifests.soundBesidePolicies())) {
            guards.close();
            backends = before;
            throw new InvalidPolicyException(found);
        }
        found.forEach(diagnostic -> LOG.warn("{}", diagnostic));
        CorsTable cors = new CorsTable(manifests.corsPolicies());
        Enforcement forwarding = new Forwarding(rule -> forwarders.of(rule, next));
        Router router = new RouteTable(manifests, guards, cors, forwarding).router();
        return new Configuration(router, checks(manifests, guards), guards);
    }

    /** A preflight's answer would be consent for a proxy: what `cors` says is for the gateway's own port. */
    private @Nullable Router checks(Manifests manifests, Guards guards) {
        return options.forwardAuthPort() == null
                ? null
                : new RouteTable(manifests, guards, new CorsTable(List.of()), forwardAuth).router();
    }

    /** Changed files are taken as a whole or not at all. */
    private void reload() {
        try {
            Configuration before = configuration;
            configuration = load();
            forwarders.dropUnused();
            if (before != null) {
                before.guards().close();
            }
            metrics.reloaded(true);
            LOG.info("the changed files are served");
        } catch (InvalidPolicyException problem) {
            metrics.reloaded(false);
            LOG.error("the changed files are not served, what was read before still is:\n{}", problem.getMessage());
        }
    }

    /** Lets requests under way end, for a while, and takes no new ones. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        watch.close();
        drain.shutdown();
        try {
            drain.awaitShutdown(DRAIN_FOR.toMillis());
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
        server.stop();
        if (forwardAuthServer != null) {
            forwardAuthServer.close();
        }
        if (admin != null) {
            admin.close();
        }
        Configuration current = configuration;
        if (current != null) {
            current.guards().close();
        }
        forwarders.close();
        keys.close();
        if (mock != null) {
            mock.close();
        }
    }
}
