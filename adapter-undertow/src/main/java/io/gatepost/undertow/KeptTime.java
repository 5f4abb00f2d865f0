package io.gatepost.undertow;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * For how long an upstream keeps a connection that nobody uses, as far as it has shown: some close it right behind an
 * answer. A request that can't be sent twice had better not meet that moment. Thread-safe.
 */
final class KeptTime {
    private static final long REMEMBERED = TimeUnit.MINUTES.toNanos(1);

    private volatile @Nullable Closing shortest;

    private record Closing(long idle, long seen) {}

    /** @param idle how many nanoseconds a connection had been idle when the upstream closed it */
    void closedAfter(long idle) {
        long now = System.nanoTime();
        Closing known = known(now);
        if (known == null || idle < 2 * known.idle()) {
            shortest = new Closing(known == null ? idle : Math.min(idle, known.idle()), now);
        }
    }

    /** Whether a connection that has been idle so many nanoseconds is far from the moment when others were closed. */
    boolean isFarFromOver(long idle) {
        Closing known = known(System.nanoTime());
        return known == null || idle < known.idle() / 2;
    }

    private @Nullable Closing known(long now) {
        Closing known = shortest;
        return known == null || now - known.seen() > REMEMBERED ? null : known;
    }
}
