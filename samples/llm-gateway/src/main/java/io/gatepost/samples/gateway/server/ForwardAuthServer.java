package io.gatepost.samples.gateway.server;

import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.BlockingHandler;
import java.net.InetSocketAddress;

/** The port on which proxies ask. Whoever reaches it is believed what it says about a request. */
final class ForwardAuthServer implements AutoCloseable {
    private final Undertow server;

    ForwardAuthServer(String host, int port, HttpHandler handler) {
        server = Undertow.builder()
                .addHttpListener(port, host)
                .setServerOption(UndertowOptions.MAX_HEADER_SIZE, Limits.DEFAULT.headerBytes())
                .setHandler(new BlockingHandler(handler))
                .build();
        server.start();
    }

    int port() {
        return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    }

    @Override
    public void close() {
        server.stop();
    }
}
