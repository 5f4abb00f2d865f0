package io.gatepost.undertow;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.xnio.XnioExecutor;

/** Notices of one exchange that nothing moves. On one I/O thread. */
final class Silence {
    private static final int NOWHERE = -1;

    private final OfThread watching;
    private final LongSupplier moved;
    private final Runnable silent;
    private long seen;
    private int place = NOWHERE;

    private Silence(OfThread watching, LongSupplier moved, Runnable silent) {
        this.watching = watching;
        this.moved = moved;
        this.silent = silent;
    }

    /** Begins to watch, once. */
    void start() {
        if (place == NOWHERE) {
            // As if something had moved: the first look may come at once.
            seen = -1;
            watching.add(this);
        }
    }

    void stop() {
        if (place != NOWHERE) {
            watching.remove(this);
        }
    }

    private boolean hasMoved() {
        long before = seen;
        seen = moved.getAsLong();
        return seen != before;
    }

    private void end() {
        if (place != NOWHERE) {
            stop();
            silent.run();
        }
    }

    /**
     * The watch over all exchanges, which notices silence after a time and before twice as long: each thread looks now
     * and then whether an octet has moved, instead of touching a timer for each octet or exchange. Thread-safe.
     */
    static final class Watch {
        private final long millis;
        private final Map<XnioExecutor, OfThread> threads = new ConcurrentHashMap<>();

        Watch(Duration time) {
            millis = Math.max(1, time.toMillis());
        }

        /**
         * Readies the watch over one exchange.
         *
         * @param moved how many octets have moved so far
         * @param silent hears once that none does
         */
        Silence over(XnioExecutor thread, LongSupplier moved, Runnable silent) {
            OfThread known = threads.get(thread);
            return new Silence(
                    known != null ? known : threads.computeIfAbsent(thread, one -> new OfThread(one, millis)),
                    moved,
                    silent);
        }
    }

    /** What is watched on one thread. */
    private static final class OfThread {
        private final XnioExecutor thread;
        private final long millis;
        private final List<Silence> watched = new ArrayList<>();
        private boolean looking;

        OfThread(XnioExecutor thread, long millis) {
            this.thread = thread;
            this.millis = millis;
        }

        void add(Silence one) {
            one.place = watched.size();
            watched.add(one);
            schedule();
        }

        /** The last one takes its place. */
        void remove(Silence one) {
            Silence last = watched.remove(watched.size() - 1);
            if (last != one) {
                watched.set(one.place, last);
                last.place = one.place;
            }
            one.place = NOWHERE;
        }

        private void schedule() {
            if (!looking) {
                thread.executeAfter(this::look, millis, TimeUnit.MILLISECONDS);
                looking = true;
            }
        }

        private void look() {
            looking = false;
            List<Silence> silent =
                    watched.stream().filter(one -> !one.hasMoved()).toList();
            silent.forEach(Silence::end);
            if (!watched.isEmpty()) {
                schedule();
            }
        }
    }
}
