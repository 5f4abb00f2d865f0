package io.gatepost.undertow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.gatepost.policy.DecisionListener;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.forward.TrustedProxies;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.connector.ByteBufferPool;
import io.undertow.protocols.ssl.UndertowXnioSsl;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpHandler;
import io.undertow.server.protocol.http.AlpnOpenListener;
import io.undertow.server.protocol.http.HttpOpenListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListeners;
import org.xnio.OptionMap;
import org.xnio.StreamConnection;
import org.xnio.channels.AcceptingChannel;

/** The handlers of this module in a row, as a gateway has them, on a port of their own. */
final class GatewayUnderTest implements AutoCloseable {
    private final Undertow server;
    private final HttpHandler handler;
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
        this(
                forwarding,
                proxies,
                PolicyEngine.builder().allowingEverything().listener(listener).build(),
                configured);
    }

    GatewayUnderTest(LlmForwardingHandler forwarding, PolicyEngine engine) {
        this(forwarding, TrustedProxies.NONE, engine, builder -> builder);
    }

    private GatewayUnderTest(
            LlmForwardingHandler forwarding,
            TrustedProxies proxies,
            PolicyEngine engine,
            UnaryOperator<Undertow.Builder> configured) {
        this.forwarding = forwarding;
        this.engine = engine;
        handler = new EntryHandler(proxies, new PolicyHandler(engine, forwarding));
        server = configured
                .apply(Undertow.builder()
                        .addHttpListener(0, "127.0.0.1")
                        .setIoThreads(2)
                        .setServerOption(UndertowOptions.DECODE_URL, false)
                        .setHandler(handler))
                .build();
        server.start();
    }

    int port(int listener) {
        return ((InetSocketAddress) server.getListenerInfo().get(listener).getAddress()).getPort();
    }

    /** A port that takes HTTP/2, too: with prior knowledge or by upgrade, or in TLS by ALPN. */
    int http2Port(@Nullable SSLContext context) throws IOException {
        OptionMap options = OptionMap.create(UndertowOptions.DECODE_URL, false);
        ByteBufferPool buffers = new DefaultByteBufferPool(true, 16 * 1024);
        HttpOpenListener http1 = new HttpOpenListener(buffers, options);
        Http2Listener http2 = new Http2Listener(buffers, Http2Limits.DEFAULT, options, handler);
        http1.setRootHandler(context == null ? http2.upgrading() : handler);
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        AcceptingChannel<? extends StreamConnection> listener = context == null
                ? server.getWorker()
                        .createStreamConnectionServer(
                                any, ChannelListeners.openListenerAdapter(http2.orElse(http1)), OptionMap.EMPTY)
                : new UndertowXnioSsl(server.getXnio(), OptionMap.EMPTY, context)
                        .createSslConnectionServer(
                                server.getWorker(),
                                any,
                                ChannelListeners.openListenerAdapter(
                                        new AlpnOpenListener(buffers, options, http1).addProtocol("h2", http2, 10)),
                                OptionMap.EMPTY);
        listener.resumeAccepts();
        return listener.getLocalAddress(InetSocketAddress.class).getPort();
    }

    /** A port whose refused heads are answered as all that is refused. */
    int http1Port() throws IOException {
        Http1Listener http1 = new Http1Listener(
                new DefaultByteBufferPool(true, 16 * 1024),
                OptionMap.create(UndertowOptions.DECODE_URL, false),
                handler,
                UnaryOperator.identity());
        AcceptingChannel<? extends StreamConnection> listener = server.getWorker()
                .createStreamConnectionServer(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        ChannelListeners.openListenerAdapter(http1),
                        OptionMap.EMPTY);
        listener.resumeAccepts();
        return listener.getLocalAddress(InetSocketAddress.class).getPort();
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
