package io.gatepost.samples.gateway.server;

import io.gatepost.policy.model.InvalidPolicyException;
import io.gatepost.samples.gateway.observe.AuditLog;
import io.gatepost.samples.gateway.observe.Metrics;
import io.gatepost.samples.gateway.observe.Observer;
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
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The running gateway: one port, the manifests' routes behind it, swapped whole when files change. Thread-safe. */
public final class GatewayServer implements AdminServer.Pages, AutoCloseable {
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);
    private static final Duration DRAIN_FOR = Duration.ofSeconds(20);
    static final int MAX_HEADER_BYTES = 64 * 1024;

    private final ServeOptions options;
    private final Metrics metrics = new Metrics();
    private final @Nullable AuditLog audit;
    private final Readiness readiness = new Readiness();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final @Nullable MockLlm mock;
    private final Configurations configurations;
    private final @Nullable ForwardAuth forwardAuth;
    private final GracefulShutdownHandler drain;
    private final FileWatch watch;
    private final Undertow server;
    private @Nullable AdminServer admin;
    private @Nullable ForwardAuthServer forwardAuthServer;

    private GatewayServer(ServeOptions options) {
        this.options = options;
        ServeOptions.AuditOptions recorded = options.audit();
        audit = recorded == null ? null : metrics.audit(recorded.file(), recorded.claims());
        ServeOptions.ForwardAuthOptions asked = options.forwardAuth();
        forwardAuth =
                asked == null ? null : new ForwardAuth(options.trustedProxies(), new IdentityHeaders(asked.claims()));
        mock = options.upstreams().mockLlm() ? new MockLlm() : null;
        URI instead = mock == null ? options.upstreams().instead() : mock.url();
        configurations = new Configurations(options, instead, new Observer(metrics, audit), forwardAuth);
        watch = new FileWatch(options.manifests().paths(), LOOK_EVERY, configurations::reload);
        drain = new GracefulShutdownHandler(
                new RequestIds(new EntryHandler(options.trustedProxies(), this::route)));
        server = listener(metrics.requests().measuring(drain));
    }

    private Undertow listener(HttpHandler handler) {
        return Undertow.builder()
                .addHttpListener(options.listen().port(), options.listen().host())
                .setServerOption(UndertowOptions.ENABLE_HTTP2, true)
                .setServerOption(UndertowOptions.ENABLE_STATISTICS, true)
                .setServerOption(UndertowOptions.DECODE_URL, false)
                .setServerOption(UndertowOptions.MAX_HEADER_SIZE, MAX_HEADER_BYTES)
                // The limit is EntryHandler's: Undertow's own breaks bodies in chunks off unanswered.
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, -1L)
                .setHandler(handler)
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
            gateway.configurations.load();
            gateway.server.start();
            gateway.metrics.connections(gateway::connections);
            gateway.startAdmin();
            gateway.startForwardAuth();
            gateway.watch.start();
            return gateway;
        } catch (RuntimeException problem) {
            gateway.close();
            throw problem;
        }
    }

    private int connections() {
        return server.getListenerInfo().stream()
                .mapToInt(listener -> Math.toIntExact(
                        listener.getConnectorStatistics().getActiveConnections()))
                .sum();
    }

    /** Where operators ask; 0 where they can't. */
    int adminPort() {
        return admin == null ? 0 : admin.port();
    }

    private void startAdmin() {
        ServeOptions.Listen listen = options.listen();
        if (listen.adminPort() != 0) {
            admin = new AdminServer(listen.host(), listen.adminPort(), this);
        }
    }

    private void startForwardAuth() {
        ServeOptions.ForwardAuthOptions asked = options.forwardAuth();
        ForwardAuth answers = forwardAuth;
        if (asked != null && answers != null) {
            HttpHandler checks = metrics.requests().measuring(new RequestIds(exchange -> check(exchange, answers)));
            forwardAuthServer = new ForwardAuthServer(options.listen().host(), asked.port(), checks);
        }
    }

    private void check(HttpServerExchange exchange, ForwardAuth answers) throws Exception {
        Router checks = configurations.current().checks();
        if (checks == null) {
            throw new IllegalStateException("nothing to judge by");
        }
        answers.answer(exchange, checks);
    }

    private void route(HttpServerExchange exchange) throws Exception {
        Router router = configurations.current().router();
        router.handlerOf(PolicyHandler.request(exchange)).handleRequest(exchange);
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
        String host = options.listen().host();
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort());
    }

    @Override
    public @Nullable String notReadyBecause() {
        return readiness.notReadyBecause(closed.get(), configurations.keySources().states());
    }

    @Override
    public String policies() {
        return configurations.current().report();
    }

    @Override
    public String metrics() {
        return metrics.text(configurations.keySources().states(), Instant.now());
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
        configurations.close();
        if (audit != null) {
            audit.close();
        }
        if (mock != null) {
            mock.close();
        }
    }
}
