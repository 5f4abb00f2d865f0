package io.gatepost.samples.gateway.server;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import java.net.InetSocketAddress;
import java.util.regex.Pattern;
import org.xnio.OptionMap;

/** The port on which proxies ask. Whoever reaches it is believed what it says about a request. */
final class ForwardAuthServer implements AutoCloseable {
    private static final Pattern CLOSE = Pattern.compile("(?i)(?:^|,)[ \\t]*close[ \\t]*(?:,|$)");

    private final HttpPort port;

    ForwardAuthServer(String host, int port, Limits limits, HttpHandler handler) {
        int io = Math.max(Runtime.getRuntime().availableProcessors(), 2);
        this.port = new HttpPort(
                new InetSocketAddress(host, port),
                HttpPort.threads(io, io * 8),
                limits,
                OptionMap.EMPTY,
                new BlockingHandler(exchange -> answer(exchange, handler)));
    }

    private static void answer(HttpServerExchange exchange, HttpHandler handler) throws Exception {
        HeaderValues options = exchange.getRequestHeaders().get(Headers.CONNECTION);
        // Undertow knows it only where it stands alone.
        if (options != null && CLOSE.matcher(String.join(",", options)).find()) {
            exchange.setPersistent(false);
        }
        handler.handleRequest(exchange);
    }

    int port() {
        return port.port();
    }

    @Override
    public void close() {
        port.close();
    }
}
