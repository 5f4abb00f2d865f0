package io.gatepost.samples.gateway.server;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.samples.gateway.observe.Metrics;
import io.gatepost.undertow.Http1Listener;
import io.gatepost.undertow.Http2Limits;
import io.gatepost.undertow.Http2Listener;
import io.undertow.UndertowOptions;
import io.undertow.connector.ByteBufferPool;
import io.undertow.protocols.http2.Http2Channel;
import io.undertow.protocols.ssl.UndertowXnioSsl;
import io.undertow.server.HttpHandler;
import io.undertow.server.protocol.http.AlpnOpenListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Sequence;
import org.xnio.SslClientAuthMode;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioWorker;
import org.xnio.channels.AcceptingChannel;

/**
 * The port that clients connect to: HTTP/1.1 and HTTP/2, in TLS where there is a certificate. Opened without Undertow's
 * own builder, which can't count connections, nor end handshakes, nor stop listening while requests go on.
 */
final class ServingPort implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("gateway");
    private static final int IO_THREADS = Math.max(Runtime.getRuntime().availableProcessors(), 2);

    static {
        // Over HTTP/2 Undertow has a limit of its own, for the whole process: --max-header-bytes is the one that
        // counts.
        System.setProperty(Http2Channel.HTTP2_MAX_HEADER_SIZE_PROPERTY, String.valueOf(Http2Channel.MAX_FRAME_SIZE));
    }

    private final XnioWorker worker;
    private final Connections connections;
    private final AcceptingChannel<? extends StreamConnection> listener;
    private final @Nullable FileWatch certificates;

    ServingPort(ServeOptions options, HttpHandler handler, UnaryOperator<ErrorResponse> refused, Metrics metrics) {
        Xnio xnio = Xnio.getInstance(Xnio.class.getClassLoader());
        TlsFiles tls = options.tls();
        UndertowXnioSsl ssl = tls == null ? null : new UndertowXnioSsl(xnio, OptionMap.EMPTY, tls.context());
        certificates = tls == null || ssl == null
                ? null
                : new FileWatch(tls.paths(), FileWatch.INTERVAL, () -> renew(tls, ssl, metrics));
        ChannelListener<StreamConnection> http =
                ssl == null ? plain(options, handler, refused) : secure(options.limits(), handler, refused);
        connections = new Connections(http, options.limits());
        try {
            worker = xnio.createWorker(HttpPort.threads(IO_THREADS, IO_THREADS * 8));
            listener = listen(options, ssl);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private AcceptingChannel<? extends StreamConnection> listen(ServeOptions options, @Nullable UndertowXnioSsl ssl)
            throws IOException {
        InetSocketAddress address =
                new InetSocketAddress(options.listen().host(), options.listen().port());
        OptionMap.Builder socket = OptionMap.builder().addAll(HttpPort.socket(worker));
        if (ssl == null) {
            return worker.createStreamConnectionServer(address, HttpPort.accepted(connections), socket.getMap());
        }
        TlsFiles tls = options.tls();
        socket.set(Options.SSL_ENABLED_PROTOCOLS, Sequence.of("TLSv1.3", "TLSv1.2"));
        if (tls != null && tls.clientCa() != null) {
            socket.set(
                    Options.SSL_CLIENT_AUTH_MODE,
                    tls.clientRequired() ? SslClientAuthMode.REQUIRED : SslClientAuthMode.REQUESTED);
        }
        return ssl.createSslConnectionServer(worker, address, HttpPort.accepted(connections), socket.getMap());
    }

    private static ChannelListener<StreamConnection> plain(
            ServeOptions options, HttpHandler handler, UnaryOperator<ErrorResponse> refused) {
        ByteBufferPool buffers = HttpPort.buffers();
        Http2Listener http2 = http2(buffers, options.limits(), handler);
        HttpHandler first = options.h2cUpgrade() ? http2.upgrading() : handler;
        return http2.orElse(new Http1Listener(buffers, http(options.limits()), first, refused));
    }

    private static ChannelListener<StreamConnection> secure(
            Limits limits, HttpHandler handler, UnaryOperator<ErrorResponse> refused) {
        ByteBufferPool buffers = HttpPort.buffers();
        return new AlpnOpenListener(buffers, http(limits), new Http1Listener(buffers, http(limits), handler, refused))
                .addProtocol("h2", http2(buffers, limits, handler), 10);
    }

    private static Http2Listener http2(ByteBufferPool buffers, Limits limits, HttpHandler handler) {
        return new Http2Listener(
                buffers,
                new Http2Limits(
                        limits.streams(), limits.headerBytes(), limits.headTimeout(), limits.keepAliveTimeout()),
                http(limits),
                handler);
    }

    private static OptionMap http(Limits limits) {
        return OptionMap.builder()
                .addAll(HttpPort.http(limits))
                .set(UndertowOptions.DECODE_URL, false)
                // The limit is EntryHandler's: Undertow's own breaks bodies in chunks off unanswered.
                .set(UndertowOptions.MAX_ENTITY_SIZE, -1L)
                .getMap();
    }

    /** Connections that are open keep what they began with. */
    private static void renew(TlsFiles tls, UndertowXnioSsl ssl, Metrics metrics) {
        try {
            ssl.updateSSLContext(tls.context());
            metrics.reloaded(true);
            LOG.info("the changed certificate is served");
        } catch (UncheckedIOException e) {
            metrics.reloaded(false);
            LOG.error("the changed certificate is not served, the one before still is: {}", e.getMessage());
        }
    }

    void start() {
        listener.resumeAccepts();
        if (certificates != null) {
            certificates.start();
        }
    }

    /** How many connections clients have open. */
    int connections() {
        return connections.open();
    }

    int port() {
        return listener.getLocalAddress(InetSocketAddress.class).getPort();
    }

    /** Takes no new connections; those that are open stay. */
    void stopListening() {
        IoUtils.safeClose(listener);
        if (certificates != null) {
            certificates.close();
        }
    }

    /** Ends all connections. */
    @Override
    public void close() {
        stopListening();
        HttpPort.end(worker);
    }
}
