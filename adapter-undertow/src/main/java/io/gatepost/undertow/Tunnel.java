package io.gatepost.undertow;

import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client and an upstream that speak a protocol with each other that the gateway does not look into: octets go both
 * ways until one of them ends it, or both are silent for too long. On one I/O thread.
 */
final class Tunnel {
    /** For how long one may go on once the other has ended its half. */
    private static final long FAREWELL_SECONDS = 5;

    private final Peer upstream;
    private final ByteBufferPool buffers;
    private final Silence silence;
    private final Runnable closed;
    private @Nullable PooledByteBuffer early;
    private @Nullable Peer client;
    private @Nullable OneWay up;
    private @Nullable OneWay down;
    private boolean halfOver;
    private boolean over;

    /**
     * Readies it, before the client knows of it.
     *
     * @param early what the upstream has sent already
     * @param silences notice that nothing goes either way
     * @param closed hears once of its end
     */
    Tunnel(Peer upstream, PooledByteBuffer early, ByteBufferPool buffers, Silence.Watch silences, Runnable closed) {
        this.upstream = upstream;
        this.early = early;
        this.buffers = buffers;
        silence = silences.over(upstream.thread(), upstream::moved, this::close);
        this.closed = closed;
        upstream.suspendReads();
    }

    /** The client has switched. */
    void start(Peer switched) {
        if (over) {
            switched.close();
            return;
        }
        client = switched;
        up = new OneWay(switched, upstream, buffers, this::ended, this::close);
        down = new OneWay(upstream, switched, buffers, this::ended, this::close);
        silence.start();
        PooledByteBuffer first = early;
        early = null;
        down.start(first);
        up.start(null);
    }

    private void ended() {
        if (halfOver) {
            close();
        } else {
            halfOver = true;
            upstream.thread().executeAfter(this::close, FAREWELL_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** One of them is gone, from whatever thread this is told. */
    void clientGone() {
        if (Thread.currentThread() == upstream.thread()) {
            close();
        } else {
            try {
                upstream.thread().execute(this::close);
            } catch (RejectedExecutionException e) {
                // The server has ended, and all its connections with it.
                closed.run();
            }
        }
    }

    /** Ends both connections. */
    private void close() {
        if (over) {
            return;
        }
        over = true;
        silence.stop();
        if (up != null && down != null) {
            up.stop();
            down.stop();
        }
        if (early != null) {
            early.close();
        }
        upstream.close();
        if (client != null) {
            client.close();
        }
        closed.run();
    }
}
