package io.gatepost.samples.gateway.server;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** What operators and their probes ask, on a port of its own: {@code /livez}, {@code /readyz}, {@code /metrics}. */
final class AdminServer implements AutoCloseable {
    private final Undertow server;

    AdminServer(String host, int port, BooleanSupplier ready, Supplier<String> metrics) {
        server = Undertow.builder()
                .addHttpListener(port, host)
                .setIoThreads(1)
                .setWorkerThreads(1)
                .setHandler(Handlers.path()
                        .addExactPath("/livez", exchange -> send(exchange, 200, "ok\n"))
                        .addExactPath("/readyz", exchange -> probe(exchange, ready.getAsBoolean()))
                        .addExactPath("/metrics", exchange -> send(exchange, 200, metrics.get())))
                .build();
        server.start();
    }

    @Override
    public void close() {
        server.stop();
    }

    private static void probe(HttpServerExchange exchange, boolean ready) {
        send(exchange, ready ? 200 : 503, ready ? "ok\n" : "not ready\n");
    }

    private static void send(HttpServerExchange exchange, int status, String text) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
        exchange.getResponseSender().send(text);
    }
}
