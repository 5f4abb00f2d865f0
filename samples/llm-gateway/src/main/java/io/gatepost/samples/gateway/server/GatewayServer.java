package io.gatepost.samples.gateway.server;

import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.routes.ManifestSource;
import io.gatepost.routes.Router;
import io.gatepost.routes.manifest.ManifestFolder;
import io.gatepost.samples.gateway.observe.AuditLog;
import io.gatepost.samples.gateway.observe.Metrics;
import io.gatepost.samples.gateway.observe.Observer;
import io.gatepost.samples.gateway.playground.Playground;
import io.gatepost.undertow.EntryHandler;
import io.gatepost.undertow.PolicyHandler;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running gateway: one port, the manifests' routes behind it, swapped whole when files change. Thread-safe. */
public final class GatewayServer implements AdminServer.Pages, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("gateway");

    private final ServeOptions options;
    private final Metrics metrics;
    private final @Nullable AuditLog audit;
    private final Observer observer;
    private final Readiness readiness = new Readiness();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final @Nullable MockLlm mock;
    private final Configurations configurations;
    private final @Nullable ForwardAuth forwardAuth;
    private final Drain drain;
    private final FileWatch watch;
    private @Nullable ServingPort server;
    private @Nullable AdminServer admin;
    private @Nullable ForwardAuthServer forwardAuthServer;

    private GatewayServer(ServeOptions options, ManifestSource source, Observer observer) {
        this.options = options;
        this.observer = observer;
        metrics = observer.metrics();
        audit = observer.audit();
        ServeOptions.ForwardAuthOptions asked = options.forwardAuth();
        forwardAuth =
                asked == null ? null : new ForwardAuth(options.trustedProxies(), new IdentityHeaders(asked.claims()));
        mock = options.upstreams().mockLlm() ? new MockLlm() : null;
        URI instead = mock == null ? options.upstreams().instead() : mock.url();
        try {
            configurations = new Configurations(options, source, instead, observer, forwardAuth);
        } catch (RuntimeException problem) {
            closeParts();
            throw problem;
        }
        watch = new FileWatch(
                options.manifests().paths(), FileWatch.INTERVAL, ManifestFolder::concerns, configurations::reload);
        Limits limits = options.limits();
        drain = new Drain(new RequestIds(new EntryHandler(options.trustedProxies(), RequestIds.kept(this::route))
                .withBodyLimits(limits.bodyBytes(), limits.bodyTimeout())));
    }

    /**
     * Reads the manifests and serves them until it is closed.
     *
     * @param options what to serve
     * @return the running gateway
     * @throws InvalidPolicyException with every problem of the manifests, where they can't be served
     */
    public static GatewayServer start(ServeOptions options) {
        GatewayServer gateway =
                new GatewayServer(options, Configurations.files(options.manifests()), observer(options.audit()));
        return gateway.started(() -> {
            gateway.startAdmin();
            gateway.warmUp();
            gateway.startForwardAuth();
            gateway.watch.start();
        });
    }

    private static Observer observer(ServeOptions.@Nullable AuditOptions asked) {
        Metrics metrics = new Metrics();
        return new Observer(
                metrics, asked == null ? null : metrics.audit(asked.file(), asked.claims(), asked.explained()));
    }

    /** One of which nobody hears, for what asks it itself: on any port of loopback, without options. */
    static GatewayServer unheard(ManifestSource source, URI upstream) {
        ServeOptions options = ServeOptions.builder()
                .manifests(new ServeOptions.ManifestFiles(List.of(), true, true))
                .upstreams(new ServeOptions.Upstreams(false, upstream, Map.of()))
                .drainTimeout(Duration.ZERO)
                .build();
        return new GatewayServer(options, source, Observer.unheard()).started(() -> {});
    }

    private GatewayServer started(Runnable beforeItServes) {
        try {
            configurations.load();
            beforeItServes.run();
            ServingPort port = new ServingPort(
                    options, metrics.requests().measuring(drain), RequestIds.naming(observer::headRefused), metrics);
            server = port;
            metrics.connections(port::connections);
            port.start();
            readiness.begin();
            return this;
        } catch (RuntimeException problem) {
            close();
            throw problem;
        }
    }

    private void warmUp() {
        if (!options.warmUp().isZero()) {
            // Whoever can't have them should not wait to hear of it.
            HttpPort.claim(options.listen().host(), options.listen().port());
            HttpPort.claim(
                    options.listen().host(),
                    options.forwardAuth() == null ? 0 : options.forwardAuth().port());
            WarmUp.run(configurations.current().served().manifests(), options.warmUp());
        }
    }

    /** Where operators ask; 0 where they can't. */
    int adminPort() {
        return admin == null ? 0 : admin.port();
    }

    /** How many engines decide: one for each effective policy, however many routes there are. */
    int engines() {
        return configurations.current().engines().size();
    }

    private void startAdmin() {
        ServeOptions.Listen listen = options.listen();
        if (listen.adminPort() != 0) {
            Set<String> names = options.playgroundHosts();
            Set<String> own = new HashSet<>(options.adminHosts());
            own.add(listen.host());
            admin = new AdminServer(
                    new InetSocketAddress(listen.host(), listen.adminPort()),
                    own,
                    options.limits(),
                    this,
                    names == null ? null : new Playground(names));
        }
    }

    private void startForwardAuth() {
        ServeOptions.ForwardAuthOptions asked = options.forwardAuth();
        ForwardAuth answers = forwardAuth;
        if (asked != null && answers != null) {
            HttpHandler checks = metrics.requests().measuring(new RequestIds(exchange -> check(exchange, answers)));
            forwardAuthServer = new ForwardAuthServer(options.listen().host(), asked.port(), options.limits(), checks);
        }
    }

    private void check(HttpServerExchange exchange, ForwardAuth answers) throws Exception {
        Router<HttpHandler> checks = configurations.current().checks();
        if (checks == null) {
            throw new IllegalStateException("nothing to judge by");
        }
        answers.answer(exchange, checks);
    }

    private void route(HttpServerExchange exchange) throws Exception {
        Router<HttpHandler> router = configurations.current().router();
        router.of(PolicyHandler.request(exchange)).handleRequest(exchange);
    }

    /** Where proxies ask; 0 where they can't. */
    int forwardAuthPort() {
        return forwardAuthServer == null ? 0 : forwardAuthServer.port();
    }

    /**
     * Where it serves.
     *
     * @return such as {@code http://127.0.0.1:8080}, or {@code https} where it has a certificate
     */
    public URI url() {
        String host = options.listen().host();
        return URI.create((options.tls() == null ? "http://" : "https://")
                + (host.contains(":") ? "[" + host + "]" : host) + ":"
                + Objects.requireNonNull(server, "not started").port());
    }

    /**
     * What is guarded, by which policy, with which keys.
     *
     * @return lines for a person; no secrets
     */
    public List<String> overview() {
        return configurations.current().overview();
    }

    @Override
    public @Nullable String notReadyBecause() {
        String unwatched = closed.get() ? null : watch.problem();
        return unwatched != null
                ? unwatched
                : readiness.notReadyBecause(
                        closed.get(), configurations.keySources().states());
    }

    @Override
    public String policies() {
        return configurations.current().report();
    }

    @Override
    public String metrics() {
        return metrics.text(configurations.keySources().states(), Instant.now());
    }

    private void drain(ServingPort port) {
        drain.begin();
        port.stopListening();
        if (!drain.await(options.drainTimeout()) && observer.isHeard()) {
            LOG.warn("{} requests are cut off that did not end in time, see --drain-timeout", drain.active());
        }
        port.close();
    }

    /** Lets requests under way end, for a while, and takes no new connections. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        watch.close();
        if (server != null) {
            drain(server);
        }
        if (forwardAuthServer != null) {
            forwardAuthServer.close();
        }
        if (admin != null) {
            admin.close();
        }
        configurations.close();
        closeParts();
    }

    private void closeParts() {
        if (audit != null) {
            audit.close();
        }
        if (mock != null) {
            mock.close();
        }
    }
}
