package io.gatepost.policy.keys;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** When keys are to be read next: at most one time is set. Not thread-safe. */
final class KeySchedule {
    private final Duration period;
    private final Runnable reading;
    private final ScheduledExecutorService timer;
    private final Clock clock;
    private final Backoff backoff = new Backoff();
    private @Nullable ScheduledFuture<?> next;
    private boolean closed;

    /**
     * @param period how often keys are read
     * @param reading what begins a reading
     */
    KeySchedule(Duration period, Runnable reading, ScheduledExecutorService timer, Clock clock) {
        this.period = period;
        this.reading = reading;
        this.timer = timer;
        this.clock = clock;
    }

    boolean isClosed() {
        return closed;
    }

    boolean isSet() {
        return next != null;
    }

    /** After keys were read: when they are due again. */
    @Nullable
    Instant afterSuccess() {
        backoff.reset();
        return set(Backoff.jittered(period));
    }

    /** After they could not be: sooner. */
    @Nullable
    Instant afterFailure() {
        return set(backoff.next(period));
    }

    /** The time that was set has come. */
    void arrived() {
        next = null;
    }

    void cancel() {
        if (next != null) {
            next.cancel(false);
            next = null;
        }
    }

    void close() {
        closed = true;
        cancel();
    }

    private @Nullable Instant set(Duration wait) {
        cancel();
        if (closed) {
            return null;
        }
        next = timer.schedule(reading, wait.toNanos(), TimeUnit.NANOSECONDS);
        return clock.instant().plus(wait);
    }
}
