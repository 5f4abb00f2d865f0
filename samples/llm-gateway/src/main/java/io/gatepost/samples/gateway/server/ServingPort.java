package io.gatepost.samples.gateway.server;

import io.gatepost.samples.gateway.observe.Metrics;
import io.undertow.UndertowOptions;
import io.undertow.connector.ByteBufferPool;
import io.undertow.protocols.ssl.UndertowXnioSsl;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpHandler;
import io.undertow.server.OpenListener;
import io.undertow.server.protocol.http.AlpnOpenListener;
import io.undertow.server.protocol.http.HttpOpenListener;
import io.undertow.server.protocol.http2.Http2OpenListener;
import io.undertow.server.protocol.http2.Http2UpgradeHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
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
    private static final int BUFFER = 16 * 1024 - 20;

    private final XnioWorker worker;
    private final Connections connections;
    private final AcceptingChannel<? extends StreamConnection> listener;
    private final @Nullable FileWatch certificates;

    ServingPort(ServeOptions options, HttpHandler handler, Metrics metrics) {
        Xnio xnio = Xnio.getInstance(Xnio.class.getClassLoader());
        TlsFiles tls = options.tls();
        UndertowXnioSsl ssl = tls == null ? null : new UndertowXnioSsl(xnio, OptionMap.EMPTY, tls.context());
        certificates = tls == null || ssl == null
                ? null
                : new FileWatch(tls.paths(), FileWatch.INTERVAL, () -> renew(tls, ssl, metrics));
        OpenListener http = ssl == null ? plain(options.limits(), handler) : secure(options.limits(), handler);
        connections = new Connections(http, options.limits());
        try {
            worker = xnio.createWorker(worker());
            listener = listen(options, ssl);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static OptionMap worker() {
        int ioThreads = Math.max(Runtime.getRuntime().availableProcessors(), 2);
        return OptionMap.builder()
                .set(Options.WORKER_IO_THREADS, ioThreads)
                .set(Options.WORKER_TASK_CORE_THREADS, ioThreads * 8)
                .set(Options.WORKER_TASK_MAX_THREADS, ioThreads * 8)
                .set(Options.TCP_NODELAY, true)
                .set(Options.CORK, true)
                .getMap();
    }

    private AcceptingChannel<? extends StreamConnection> listen(ServeOptions options, @Nullable UndertowXnioSsl ssl)
            throws IOException {
        InetSocketAddress address =
                new InetSocketAddress(options.listen().host(), options.listen().port());
        OptionMap.Builder socket = OptionMap.builder()
                .set(Options.WORKER_IO_THREADS, worker.getIoThreadCount())
                .set(Options.TCP_NODELAY, true)
                .set(Options.REUSE_ADDRESSES, true)
                .set(Options.BACKLOG, 1000);
        if (ssl == null) {
            return worker.createStreamConnectionServer(address, accepted(connections), socket.getMap());
        }
        TlsFiles tls = options.tls();
        socket.set(Options.SSL_ENABLED_PROTOCOLS, Sequence.of("TLSv1.3", "TLSv1.2"));
        if (tls != null && tls.clientCa() != null) {
            socket.set(
                    Options.SSL_CLIENT_AUTH_MODE,
                    tls.clientRequired() ? SslClientAuthMode.REQUIRED : SslClientAuthMode.REQUESTED);
        }
        return ssl.createSslConnectionServer(worker, address, accepted(connections), socket.getMap());
    }

    private static <C extends StreamConnection> ChannelListener<AcceptingChannel<C>> accepted(Connections connections) {
        return channel -> {
            try {
                C connection = channel.accept();
                while (connection != null) {
                    connections.handleEvent(connection);
                    connection = channel.accept();
                }
            } catch (ClosedChannelException ended) {
                // No longer listening.
            } catch (IOException e) {
                LOG.error("a connection can't be taken: {}", e.getMessage());
            }
        };
    }

    private static OpenListener plain(Limits limits, HttpHandler handler) {
        HttpOpenListener http = new HttpOpenListener(buffers(), http(limits));
        http.setRootHandler(new Http2UpgradeHandler(handler));
        return http;
    }

    private static OpenListener secure(Limits limits, HttpHandler handler) {
        ByteBufferPool buffers = buffers();
        HttpOpenListener http = new HttpOpenListener(buffers, http(limits));
        http.setRootHandler(handler);
        Http2OpenListener http2 = new Http2OpenListener(buffers, http(limits));
        http2.setRootHandler(handler);
        return new AlpnOpenListener(buffers, http(limits), http).addProtocol(Http2OpenListener.HTTP2, http2, 10);
    }

    private static ByteBufferPool buffers() {
        return new DefaultByteBufferPool(true, BUFFER, -1, 4);
    }

    private static OptionMap http(Limits limits) {
        return OptionMap.builder()
                .set(UndertowOptions.BUFFER_PIPELINED_DATA, true)
                .set(UndertowOptions.ENABLE_HTTP2, true)
                .set(UndertowOptions.DECODE_URL, false)
                .set(UndertowOptions.MAX_HEADER_SIZE, limits.headerBytes())
                .set(UndertowOptions.REQUEST_PARSE_TIMEOUT, (int)
                        limits.headTimeout().toMillis())
                .set(UndertowOptions.NO_REQUEST_TIMEOUT, (int)
                        limits.keepAliveTimeout().toMillis())
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
        worker.shutdownNow();
        try {
            worker.awaitTermination();
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
    }
}
