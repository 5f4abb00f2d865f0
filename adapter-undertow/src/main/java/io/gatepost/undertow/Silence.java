package io.gatepost.undertow;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioExecutor;

/**
 * Notices that nothing moves, after a time and before twice as long: it looks now and then whether an octet has moved,
 * instead of touching a timer for each one. On one I/O thread.
 */
final class Silence {
    private final XnioExecutor thread;
    private final long millis;
    private final LongSupplier moved;
    private final Runnable silent;
    private XnioExecutor.@Nullable Key timer;
    private long before;

    /** @param moved how many octets have moved so far */
    Silence(XnioExecutor thread, Duration time, LongSupplier moved, Runnable silent) {
        this.thread = thread;
        millis = Math.max(1, time.toMillis());
        this.moved = moved;
        this.silent = silent;
    }

    /** Begins to look, once. */
    void start() {
        if (timer == null) {
            schedule();
        }
    }

    private void schedule() {
        before = moved.getAsLong();
        timer = thread.executeAfter(this::look, millis, TimeUnit.MILLISECONDS);
    }

    private void look() {
        if (timer == null) {
            return;
        }
        if (moved.getAsLong() == before) {
            silent.run();
        } else {
            schedule();
        }
    }

    void stop() {
        if (timer != null) {
            timer.remove();
            timer = null;
        }
    }
}
