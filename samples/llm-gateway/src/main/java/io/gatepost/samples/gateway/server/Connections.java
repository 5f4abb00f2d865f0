package io.gatepost.samples.gateway.server;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
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

    /** One who comes and goes at the limit must not fill the log. */
    private static final long SILENCE = TimeUnit.SECONDS.toNanos(10);

    private final ChannelListener<StreamConnection> next;
    private final int limit;
    private final Duration handshake;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong lastTold = new AtomicLong(System.nanoTime() - SILENCE);
    private final Descriptors descriptors = new Descriptors();

    Connections(ChannelListener<StreamConnection> next, Limits limits) {
        this.next = next;
        limit = limits.connections();
        handshake = limits.headTimeout();
    }

    @Override
    public void handleEvent(StreamConnection connection) {
        connection.setCloseListener(closed -> open.decrementAndGet());
        int now = open.incrementAndGet();
        if (now > limit || descriptors.areScarce()) {
            long told = lastTold.get();
            long time = System.nanoTime();
            if (time - told >= SILENCE && lastTold.compareAndSet(told, time)) {
                LOG.warn(
                        "{} connections are open: further ones are closed, see --max-connections and ulimit -n",
                        now - 1);
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

    private void expectHandshake(SslConnection tls) {
        XnioExecutor.Key timer = tls.getIoThread()
                .executeAfter(() -> IoUtils.safeClose(tls), handshake.toMillis(), TimeUnit.MILLISECONDS);
        tls.getHandshakeSetter().set(shaken -> timer.remove());
    }
}
