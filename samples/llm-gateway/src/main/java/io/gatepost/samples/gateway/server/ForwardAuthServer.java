package io.gatepost.samples.gateway.server;

import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.BlockingHandler;
import java.net.InetSocketAddress;
import org.xnio.OptionMap;

/** The port on which proxies ask. Whoever reaches it is believed what it says about a request. */
final class ForwardAuthServer implements AutoCloseable {
    private final HttpPort port;

    ForwardAuthServer(String host, int port, Limits limits, HttpHandler handler) {
        int io = Math.max(Runtime.getRuntime().availableProcessors(), 2);
        this.port = new HttpPort(
                new InetSocketAddress(host, port),
                HttpPort.threads(io, io * 8),
                limits,
                OptionMap.EMPTY,
                new BlockingHandler(handler));
    }

    int port() {
        return port.port();
    }

    @Override
    public void close() {
        port.close();
    }
}
