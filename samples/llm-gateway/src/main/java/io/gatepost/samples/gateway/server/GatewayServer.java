package io.gatepost.samples.gateway.server;

import io.gatepost.policy.model.Diagnostic;
import io.gatepost.policy.model.InvalidPolicyException;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.handlers.GracefulShutdownHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running gateway: one port, the manifests' routes behind it, swapped whole when files change. Thread-safe. */
public final class GatewayServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("gateway");
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);
    private static final Duration DRAIN_FOR = Duration.ofSeconds(20);

    private final ServeOptions options;
    private final Metrics metrics = new Metrics();
    private final @Nullable MockLlm mock;
    private final @Nullable AdminServer admin;
    private final GracefulShutdownHandler drain;
    private final FileWatch watch;
    private final Undertow server;
    private volatile Configuration configuration;
    private volatile boolean serving = true;
    private boolean closed;

    private GatewayServer(ServeOptions options) throws IOException {
        this.options = options;
        mock = options.mockLlm() ? new MockLlm() : null;
        watch = new FileWatch(options.files(), LOOK_EVERY, this::reload);
        configuration = load();
        drain = new GracefulShutdownHandler(
                new FrontDoor(exchange -> configuration.handle(exchange), metrics));
        server = Undertow.builder()
                .addHttpListener(options.port(), options.host())
                .setServerOption(UndertowOptions.DECODE_URL, false)
                .setHandler(drain)
                .build();
        admin = options.adminPort() == 0
                ? null
                : new AdminServer(options.host(), options.adminPort(), () -> serving, metrics);
    }
}
