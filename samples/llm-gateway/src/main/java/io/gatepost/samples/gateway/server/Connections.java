package io.gatepost.samples.gateway.server;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.XnioExecutor;
import org.xnio.ssl.SslConnection;

/** Counts connections, closes those beyond the limit, and those whose TLS handshake takes too long. Thread-safe. */
final class Connections implements ChannelListener<StreamConnection> {
    private static final Logger LOG = LoggerFactory.getLogger("gateway");

    private final ChannelListener<StreamConnection> next;
    private final int limit;
    private final Duration handshake;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicBoolean full = new AtomicBoolean();

    Connections(ChannelListener<StreamConnection> next, Limits limits) {
        this.next = next;
        limit = limits.connections();
        handshake = limits.headTimeout();
    }

    @Override
    public void handleEvent(StreamConnection connection) {
        connection.setCloseListener(closed -> closed());
        if (open.incrementAndGet() > limit) {
            if (!full.getAndSet(true)) {
                LOG.warn("{} connections are open: further ones are closed, see --max-connections", limit);
            }
            IoUtils.safeClose(connection);
            return;
        }
        if (connection instanceof SslConnection tls) {
            expectHandshake(tls);
        }
        next.handleEvent(connection);
    }

    int open() {
        return open.get();
    }

    private void closed() {
        if (open.decrementAndGet() < limit) {
            full.set(false);
        }
    }

    private void expectHandshake(SslConnection tls) {
        XnioExecutor.Key timer = tls.getIoThread()
                .executeAfter(() -> IoUtils.safeClose(tls), handshake.toMillis(), TimeUnit.MILLISECONDS);
        tls.getHandshakeSetter().set(shaken -> timer.remove());
    }
}
