package io.gatepost.samples.gateway.server;

import io.gatepost.samples.gateway.playground.OwnNames;
import io.undertow.Handlers;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.PathHandler;
import io.undertow.util.Headers;
import java.net.InetSocketAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xnio.OptionMap;

/**
 * What operators and their probes ask, on a port of its own: {@code /livez}, {@code /readyz}, {@code /metrics},
 * {@code /policies}, and {@code /playground/} where that is wanted.
 */
final class AdminServer implements AutoCloseable {
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";
    private static final String JSON = "application/json";

    private final HttpPort port;

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

    /**
     * @param hosts names beside {@code localhost} and addresses under which it may be asked for more than whether it
     *     runs
     */
    AdminServer(
            InetSocketAddress address,
            Set<String> hosts,
            Limits limits,
            Pages pages,
            @Nullable HttpHandler playground) {
        PathHandler paths = paths(pages, new OwnNames(hosts));
        if (playground != null) {
            paths.addPrefixPath("/playground", playground);
        }
        port = new HttpPort(address, HttpPort.threads(1, 1), limits, OptionMap.EMPTY, paths);
    }

    private static PathHandler paths(Pages pages, OwnNames names) {
        return Handlers.path()
                .addExactPath("/livez", exchange -> send(exchange, 200, TEXT, "ok\n"))
                .addExactPath("/readyz", exchange -> probe(exchange, pages.notReadyBecause()))
                .addExactPath("/metrics", own(names, exchange -> send(exchange, 200, METRICS, pages.metrics())))
                .addExactPath("/policies", own(names, exchange -> send(exchange, 200, JSON, pages.policies())));
    }

    /** A page whose name was turned to this address reads nothing. */
    private static HttpHandler own(OwnNames names, HttpHandler page) {
        return exchange -> {
            if (names.isOwnOrAddress(exchange.getRequestHeaders().get(Headers.HOST))) {
                page.handleRequest(exchange);
            } else {
                send(
                        exchange,
                        403,
                        TEXT,
                        "this page answers under addresses and its own names only, see --admin-host\n");
            }
        };
    }

    int port() {
        return port.port();
    }

    @Override
    public void close() {
        port.close();
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
