package io.gatepost.undertow;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioExecutor;

/** The idle connections of one I/O thread to one upstream. Used on that thread, or once it has ended. */
final class IdleConnections {
    /** Shorter than the five seconds that common servers keep an idle connection for, lest both act at once. */
    private static final Duration TIME = Duration.ofSeconds(4);

    private static final int MOST = 64;

    private final XnioExecutor thread;
    private final Deque<UpstreamConnection> free = new ArrayDeque<>();
    private XnioExecutor.@Nullable Key timer;

    IdleConnections(XnioExecutor thread) {
        this.thread = thread;
    }

    /** The one that has been idle for the shortest time; null for none. */
    @Nullable
    UpstreamConnection youngest() {
        return free.peekLast();
    }

    boolean isFull() {
        return free.size() >= MOST;
    }

    /** Keeps one that rests from now on; it is closed where nobody wants it in time. */
    void add(UpstreamConnection connection) {
        // One timer, for the oldest: most are used again long before.
        if (timer == null) {
            schedule(TIME.toNanos());
        }
        free.addLast(connection);
    }

    void remove(UpstreamConnection connection) {
        free.removeLastOccurrence(connection);
    }

    private void schedule(long nanos) {
        timer = thread.executeAfter(this::closeOld, TimeUnit.NANOSECONDS.toMillis(nanos) + 1, TimeUnit.MILLISECONDS);
    }

    private void closeOld() {
        timer = null;
        UpstreamConnection oldest = free.peekFirst();
        while (oldest != null && oldest.idleNanos() >= TIME.toNanos()) {
            free.removeFirst();
            oldest.close();
            oldest = free.peekFirst();
        }
        if (oldest != null) {
            schedule(TIME.toNanos() - oldest.idleNanos());
        }
    }

    void closeAll() {
        if (timer != null) {
            timer.remove();
            timer = null;
        }
        free.forEach(UpstreamConnection::close);
        free.clear();
    }
}
