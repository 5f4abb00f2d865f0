package io.gatepost.samples.gateway.server;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.PathHandler;
import io.undertow.util.Headers;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What operators and their probes ask, on a port of its own: {@code /livez}, {@code /readyz}, {@code /metrics},
 * {@code /policies}, and {@code /playground/} where that is wanted.
 */
final class AdminServer implements AutoCloseable {
    private static final String TEXT = "text/plain; charset=utf-8";

    private final Undertow server;

    /** What there is to ask. Thread-safe. */
    interface Pages {
        /** Why no request should be sent here; null where it should. */
        @Nullable
        String notReadyBecause();

        /** What Prometheus reads. */
        String metrics();

        /** What guards which route, as JSON. */
        String policies();
    }

    AdminServer(String host, int port, Pages pages, @Nullable HttpHandler playground) {
        PathHandler paths = paths(pages);
        if (playground != null) {
            paths.addPrefixPath("/playground", playground);
        }
        server = Undertow.builder()
                .addHttpListener(port, host)
                .setIoThreads(1)
                .setWorkerThreads(1)
                .setHandler(paths)
                .build();
        server.start();
    }

    private static PathHandler paths(Pages pages) {
        return Handlers.path()
                .addExactPath("/livez", exchange -> send(exchange, 200, TEXT, "ok\n"))
                .addExactPath("/readyz", exchange -> probe(exchange, pages.notReadyBecause()))
                .addExactPath(
                        "/metrics",
                        exchange -> send(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", pages.metrics()))
                .addExactPath("/policies", exchange -> send(exchange, 200, "application/json", pages.policies()));
    }

    int port() {
        return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    }

    @Override
    public void close() {
        server.stop();
    }

    private static void probe(HttpServerExchange exchange, @Nullable String problem) {
        send(exchange, problem == null ? 200 : 503, TEXT, problem == null ? "ok\n" : "not ready: " + problem + "\n");
    }

    private static void send(HttpServerExchange exchange, int status, String type, String text) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, type);
        exchange.getResponseSender().send(text);
    }
}
