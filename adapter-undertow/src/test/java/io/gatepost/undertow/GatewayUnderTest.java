package io.gatepost.undertow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.gatepost.policy.DecisionListener;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.forward.TrustedProxies;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.function.UnaryOperator;

/** The handlers of this module in a row, as a gateway has them, on a port of their own. */
final class GatewayUnderTest implements AutoCloseable {
    private final Undertow server;
    private final LlmForwardingHandler forwarding;
    private final PolicyEngine engine;

    GatewayUnderTest(LlmForwardingHandler forwarding) {
        this(forwarding, TrustedProxies.NONE, (request, decision, elapsed) -> {}, builder -> builder);
    }

    GatewayUnderTest(
            LlmForwardingHandler forwarding,
            TrustedProxies proxies,
            DecisionListener listener,
            UnaryOperator<Undertow.Builder> configured) {
        this.forwarding = forwarding;
        engine = PolicyEngine.builder().allowingEverything().listener(listener).build();
        HttpHandler handler = new EntryHandler(proxies, new PolicyHandler(engine, forwarding));
        server = configured
                .apply(Undertow.builder()
                        .addHttpListener(0, "127.0.0.1")
                        .setIoThreads(2)
                        .setServerOption(UndertowOptions.ENABLE_HTTP2, true)
                        .setServerOption(UndertowOptions.DECODE_URL, false)
                        .setHandler(handler))
                .build();
        server.start();
    }

    int port(int listener) {
        return ((InetSocketAddress) server.getListenerInfo().get(listener).getAddress()).getPort();
    }

    URI url(String path) {
        return URI.create("http://127.0.0.1:" + port(0) + path);
    }

    Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(0));
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** Sends octets and reads until the other side ends the connection. */
    String exchange(String octets) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(octets.getBytes(ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    @Override
    public void close() {
        server.stop();
        forwarding.close();
        engine.close();
    }
}
