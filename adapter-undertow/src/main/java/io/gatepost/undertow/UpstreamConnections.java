package io.gatepost.undertow;

import io.gatepost.policy.forward.Upstream;
import io.undertow.UndertowOptions;
import io.undertow.client.ClientCallback;
import io.undertow.client.ClientConnection;
import io.undertow.client.UndertowClient;
import io.undertow.connector.ByteBufferPool;
import io.undertow.protocols.ssl.UndertowXnioSsl;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioExecutor;
import org.xnio.XnioIoThread;
import org.xnio.ssl.XnioSsl;

/**
 * Connections to one upstream: as many as there are requests under way, and some idle ones to use again. A connection
 * stays on one I/O thread, so a thread's idle ones need no lock.
 */
final class UpstreamConnections implements AutoCloseable {
    /** Shorter than the five seconds that common servers keep an idle connection for, lest both act at once. */
    private static final Duration IDLE = Duration.ofSeconds(4);

    private static final int IDLE_PER_THREAD = 64;

    private final Upstream upstream;
    private final @Nullable InetSocketAddress connectTo;
    private final Duration connectTimeout;
    private final @Nullable XnioSsl tls;
    private final OptionMap options;
    private final Map<XnioIoThread, Deque<Idle>> idle = new ConcurrentHashMap<>();
    private volatile boolean closed;

    private record Idle(ClientConnection connection, XnioExecutor.Key expiry) {}

    UpstreamConnections(Upstream upstream, @Nullable InetSocketAddress connectTo, Duration connectTimeout) {
        this.upstream = upstream;
        this.connectTo = connectTo;
        this.connectTimeout = connectTimeout;
        String serverName = upstream.serverName() == null ? upstream.base().getHost() : upstream.serverName();
        options = OptionMap.builder()
                .set(UndertowOptions.ENABLE_STATISTICS, true)
                .set(Options.TCP_NODELAY, true)
                .set(Options.SSL_PEER_HOST_NAME, serverName)
                .set(UndertowOptions.SSL_SNI_HOSTNAME, serverName)
                .set(UndertowOptions.ENDPOINT_IDENTIFICATION_ALGORITHM, "HTTPS")
                .getMap();
        tls = isTls() ? new UndertowXnioSsl(Xnio.getInstance(), OptionMap.EMPTY, context(upstream)) : null;
    }

    private static SSLContext context(Upstream upstream) {
        try {
            return upstream.tls() == null ? SSLContext.getDefault() : upstream.tls();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("the JDK has no TLS", e);
        }
    }

    private boolean isTls() {
        return "https".equalsIgnoreCase(upstream.base().getScheme());
    }

    /** Gives a connection of this thread to a request, exactly once, on this thread. */
    void take(XnioIoThread thread, ByteBufferPool buffers, ClientCallback<ClientConnection> taker) {
        Deque<Idle> free = idle.getOrDefault(thread, new ArrayDeque<>());
        for (Idle youngest = free.pollLast(); youngest != null; youngest = free.pollLast()) {
            youngest.expiry().remove();
            if (youngest.connection().isOpen()) {
                taker.completed(youngest.connection());
                return;
            }
        }
        open(thread, buffers, new Once(taker, thread, connectTimeout));
    }

    /** Takes back a connection on which nothing is under way. To be called on its own thread. */
    void giveBack(ClientConnection connection) {
        Deque<Idle> free = idle.computeIfAbsent(connection.getIoThread(), thread -> new ArrayDeque<>());
        if (closed || !connection.isOpen() || free.size() >= IDLE_PER_THREAD) {
            IoUtils.safeClose(connection);
            return;
        }
        try {
            XnioExecutor.Key expiry = connection
                    .getIoThread()
                    .executeAfter(() -> IoUtils.safeClose(connection), IDLE.toMillis(), TimeUnit.MILLISECONDS);
            free.removeIf(other -> !other.connection().isOpen());
            free.addLast(new Idle(connection, expiry));
        } catch (RejectedExecutionException e) {
            // The server is ending.
            IoUtils.safeClose(connection);
        }
    }

    /** Names are looked up where waiting is allowed. */
    private void open(XnioIoThread thread, ByteBufferPool buffers, Once taker) {
        if (connectTo != null && connectTo.getAddress() != null) {
            connect(List.of(connectTo.getAddress()), connectTo.getPort(), thread, buffers, taker);
            return;
        }
        String host = connectTo == null ? upstream.base().getHost() : connectTo.getHostString();
        int port = connectTo == null ? port(upstream.base()) : connectTo.getPort();
        thread.getWorker().execute(() -> {
            try {
                List<InetAddress> found = Arrays.asList(InetAddress.getAllByName(host));
                thread.execute(() -> connect(found, port, thread, buffers, taker));
            } catch (UnknownHostException e) {
                thread.execute(() -> taker.failed(e));
            }
        });
    }

    private int port(URI base) {
        int standard = isTls() ? 443 : 80;
        return base.getPort() < 0 ? standard : base.getPort();
    }

    /** Tries the addresses in order. */
    private void connect(List<InetAddress> found, int port, XnioIoThread thread, ByteBufferPool buffers, Once taker) {
        ClientCallback<ClientConnection> tried = new ClientCallback<>() {
            @Override
            public void completed(ClientConnection connection) {
                taker.completed(connection);
            }

            @Override
            public void failed(IOException e) {
                if (found.size() == 1) {
                    thread.execute(() -> taker.failed(e));
                } else {
                    thread.execute(() -> connect(found.subList(1, found.size()), port, thread, buffers, taker));
                }
            }
        };
        URI address = URI.create((isTls() ? "https://" : "http://") + literal(found.get(0)) + ":" + port);
        UndertowClient.getInstance().connect(tried, address, thread, tls, buffers, options);
    }

    private static String literal(InetAddress address) {
        String text = address.getHostAddress();
        return address instanceof Inet6Address ? "[" + text.replace("%", "%25") + "]" : text;
    }

    @Override
    public void close() {
        closed = true;
        idle.forEach((thread, free) -> {
            try {
                thread.execute(() -> closeAll(free));
            } catch (RejectedExecutionException e) {
                // The server has ended, and its threads with it: nobody else uses these any more.
                closeAll(free);
            }
        });
    }

    private static void closeAll(Deque<Idle> free) {
        free.forEach(one -> {
            one.expiry().remove();
            IoUtils.safeClose(one.connection());
        });
        free.clear();
    }

    /** Hands over the first outcome: a connection, a failure, or that it took too long. */
    private static final class Once implements ClientCallback<ClientConnection> {
        private final ClientCallback<ClientConnection> taker;
        private final XnioExecutor.Key timer;
        private final AtomicBoolean done = new AtomicBoolean();

        Once(ClientCallback<ClientConnection> taker, XnioIoThread thread, Duration timeout) {
            this.taker = taker;
            timer = thread.executeAfter(
                    () -> failed(new ConnectTimeoutException()), timeout.toMillis(), TimeUnit.MILLISECONDS);
        }

        @Override
        public void completed(ClientConnection connection) {
            if (done.compareAndSet(false, true)) {
                timer.remove();
                taker.completed(connection);
            } else {
                IoUtils.safeClose(connection);
            }
        }

        @Override
        public void failed(IOException e) {
            if (done.compareAndSet(false, true)) {
                timer.remove();
                taker.failed(e);
            }
        }
    }

    /** The upstream did not take the connection in time. */
    static final class ConnectTimeoutException extends IOException {
        private static final long serialVersionUID = 1L;

        ConnectTimeoutException() {
            super("no connection in time");
        }
    }
}
