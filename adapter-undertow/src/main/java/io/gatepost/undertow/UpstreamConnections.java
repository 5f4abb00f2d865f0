package io.gatepost.undertow;

import io.gatepost.policy.forward.Upstream;
import io.undertow.UndertowOptions;
import io.undertow.protocols.ssl.UndertowXnioSsl;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.xnio.IoFuture;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioExecutor;
import org.xnio.XnioIoThread;

/**
 * Connections to one upstream: as many as there are requests under way, and some idle ones to use again. A connection
 * stays on one I/O thread, so a thread's idle ones need no lock.
 */
final class UpstreamConnections implements AutoCloseable {
    private final Upstream upstream;
    private final @Nullable InetSocketAddress connectTo;
    private final Duration connectTimeout;
    private final @Nullable UndertowXnioSsl tls;
    private final OptionMap options;
    private final Map<XnioIoThread, IdleConnections> idle = new ConcurrentHashMap<>();
    private final KeptTime kept = new KeptTime();
    private volatile boolean closed;

    /** What gets a connection, or hears why there is none. */
    interface Taker {
        void taken(UpstreamConnection connection);

        void failed(IOException e);
    }

    UpstreamConnections(Upstream upstream, @Nullable InetSocketAddress connectTo, Duration connectTimeout) {
        this.upstream = upstream;
        this.connectTo = connectTo;
        this.connectTimeout = connectTimeout;
        String serverName = upstream.serverName() == null ? upstream.base().getHost() : upstream.serverName();
        options = OptionMap.builder()
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

    /**
     * Gives a connection of this thread to a request, exactly once, on this thread: an idle one, or a new one.
     *
     * @param repeatable whether the request may be sent once more where an idle one turns out to be closed
     */
    void take(XnioIoThread thread, boolean repeatable, Taker taker) {
        IdleConnections free = idle(thread);
        for (UpstreamConnection youngest = free.youngest(); youngest != null; youngest = free.youngest()) {
            if (!repeatable && !kept.isFarFromOver(youngest.idleNanos())) {
                // Nor are those that are older.
                break;
            }
            free.remove(youngest);
            if (youngest.isQuiet()) {
                taker.taken(youngest);
                return;
            }
            closedIdle(youngest);
        }
        open(thread, taker);
    }

    private IdleConnections idle(XnioIoThread thread) {
        IdleConnections known = idle.get(thread);
        return known != null ? known : idle.computeIfAbsent(thread, IdleConnections::new);
    }

    /** The upstream has ended a connection that was idle, or has just been used again. */
    void closedIdle(UpstreamConnection connection) {
        kept.closedAfter(connection.idleNanos());
        connection.close();
    }

    /** Opens a connection for a request, and gives it exactly once, on this thread. */
    void open(XnioIoThread thread, Taker taker) {
        open(thread, new Once(taker, thread, connectTimeout));
    }

    /**
     * Takes back a connection on which nothing is under way, whose last request was sent whole, and whose last response
     * ended beyond doubt. To be called on its own thread.
     */
    void giveBack(UpstreamConnection connection) {
        IdleConnections free = idle(connection.thread());
        if (closed || !connection.isOpen() || free.isFull()) {
            connection.close();
            return;
        }
        try {
            free.add(connection);
            connection.rest(() -> {
                free.remove(connection);
                closedIdle(connection);
            });
        } catch (RejectedExecutionException e) {
            // The server is ending.
            connection.close();
        }
    }

    /** Names are looked up where waiting is allowed. */
    private void open(XnioIoThread thread, Once taker) {
        if (connectTo != null && connectTo.getAddress() != null) {
            connect(List.of(connectTo.getAddress()), connectTo.getPort(), thread, taker);
            return;
        }
        String host = connectTo == null ? upstream.base().getHost() : connectTo.getHostString();
        int port = connectTo == null ? port(upstream.base()) : connectTo.getPort();
        thread.getWorker().execute(() -> {
            try {
                List<InetAddress> found = Arrays.asList(InetAddress.getAllByName(host));
                thread.execute(() -> connect(found, port, thread, taker));
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
    private void connect(List<InetAddress> found, int port, XnioIoThread thread, Once taker) {
        InetSocketAddress address = new InetSocketAddress(found.get(0), port);
        IoFuture<StreamConnection> opened =
                thread.openStreamConnection(address, socket -> taker.taken(connection(socket, address)), options);
        opened.addNotifier(
                new IoFuture.HandlingNotifier<StreamConnection, Object>() {
                    @Override
                    public void handleFailed(IOException e, Object unused) {
                        if (found.size() == 1) {
                            thread.execute(() -> taker.failed(e));
                        } else {
                            thread.execute(() -> connect(found.subList(1, found.size()), port, thread, taker));
                        }
                    }
                },
                taker);
    }

    private UpstreamConnection connection(StreamConnection socket, InetSocketAddress address) {
        if (tls == null) {
            return new UpstreamConnection(socket, socket);
        }
        // Without the name of the host, which would be looked up again; what it must be is among the options.
        URI destination = URI.create("https://" + literal(address.getAddress()) + ":" + address.getPort());
        return new UpstreamConnection(socket, tls.wrapExistingConnection(socket, options, destination));
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
                thread.execute(free::closeAll);
            } catch (RejectedExecutionException e) {
                // The server has ended, and its threads with it: nobody else uses these any more.
                free.closeAll();
            }
        });
    }

    /** Hands over the first outcome: a connection, a failure, or that it took too long. */
    private static final class Once implements Taker {
        private final Taker taker;
        private final XnioExecutor.Key timer;
        private final AtomicBoolean done = new AtomicBoolean();

        Once(Taker taker, XnioIoThread thread, Duration timeout) {
            this.taker = taker;
            timer = thread.executeAfter(
                    () -> failed(new ConnectTimeoutException()), timeout.toMillis(), TimeUnit.MILLISECONDS);
        }

        @Override
        public void taken(UpstreamConnection connection) {
            if (done.compareAndSet(false, true)) {
                timer.remove();
                taker.taken(connection);
            } else {
                connection.close();
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
