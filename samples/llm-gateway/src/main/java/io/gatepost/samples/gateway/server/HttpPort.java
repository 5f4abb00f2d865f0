package io.gatepost.samples.gateway.server;

import io.undertow.UndertowOptions;
import io.undertow.connector.ByteBufferPool;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpHandler;
import io.undertow.server.protocol.http.HttpOpenListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioWorker;
import org.xnio.channels.AcceptingChannel;

/** A port for operators and proxies: HTTP/1.1 in the clear, under the same limits as the one for clients. */
final class HttpPort implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("gateway");
    private static final int BUFFER = 16 * 1024 - 20;

    private final XnioWorker worker;
    private final AcceptingChannel<StreamConnection> listener;

    /** @param options Undertow's, beside those of the limits */
    HttpPort(InetSocketAddress address, OptionMap threads, Limits limits, OptionMap options, HttpHandler handler) {
        HttpOpenListener http = new HttpOpenListener(
                buffers(),
                OptionMap.builder().addAll(http(limits)).addAll(options).getMap());
        http.setRootHandler(handler);
        try {
            worker = Xnio.getInstance(Xnio.class.getClassLoader()).createWorker(threads);
            listener = worker.createStreamConnectionServer(
                    address, accepted(new Connections(http, limits)), socket(worker));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        listener.resumeAccepts();
    }

    /**
     * Looks whether a port can be listened on, for whoever needs it later.
     *
     * @throws UncheckedIOException where it can't be listened on
     */
    static void claim(String host, int port) {
        try (ServerSocketChannel probe = ServerSocketChannel.open()) {
            probe.bind(new InetSocketAddress(host, port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static OptionMap threads(int io, int tasks) {
        return OptionMap.builder()
                .set(Options.WORKER_IO_THREADS, io)
                .set(Options.WORKER_TASK_CORE_THREADS, tasks)
                .set(Options.WORKER_TASK_MAX_THREADS, tasks)
                .set(Options.TCP_NODELAY, true)
                .set(Options.CORK, true)
                .getMap();
    }

    static OptionMap socket(XnioWorker worker) {
        return OptionMap.builder()
                .set(Options.WORKER_IO_THREADS, worker.getIoThreadCount())
                .set(Options.TCP_NODELAY, true)
                .set(Options.REUSE_ADDRESSES, true)
                .set(Options.BACKLOG, 1000)
                .getMap();
    }

    static ByteBufferPool buffers() {
        return new DefaultByteBufferPool(true, BUFFER, -1, 4);
    }

    /** What a client's limits are to Undertow. */
    static OptionMap http(Limits limits) {
        return OptionMap.builder()
                .set(UndertowOptions.BUFFER_PIPELINED_DATA, true)
                .set(UndertowOptions.MAX_HEADER_SIZE, limits.headerBytes())
                .set(UndertowOptions.REQUEST_PARSE_TIMEOUT, (int)
                        limits.headTimeout().toMillis())
                .set(UndertowOptions.NO_REQUEST_TIMEOUT, (int)
                        limits.keepAliveTimeout().toMillis())
                .getMap();
    }

    static <C extends StreamConnection> ChannelListener<AcceptingChannel<C>> accepted(Connections connections) {
        return channel -> {
            try {
                C connection = channel.accept();
                while (connection != null) {
                    begin(connections, connection);
                    connection = channel.accept();
                }
            } catch (ClosedChannelException ended) {
                // No longer listening.
            } catch (IOException e) {
                LOG.error("a connection can't be taken: {}", e.getMessage());
            }
        };
    }

    /** What fails to begin must not stay open. */
    private static void begin(Connections connections, StreamConnection connection) {
        try {
            connections.handleEvent(connection);
        } catch (RuntimeException | Error e) {
            IoUtils.safeClose(connection);
            throw e;
        }
    }

    int port() {
        return listener.getLocalAddress(InetSocketAddress.class).getPort();
    }

    @Override
    public void close() {
        IoUtils.safeClose(listener);
        end(worker);
    }

    /** Ends its connections, too. */
    static void end(XnioWorker worker) {
        worker.shutdownNow();
        try {
            worker.awaitTermination();
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
    }
}
