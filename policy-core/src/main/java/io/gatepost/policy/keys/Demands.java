package io.gatepost.policy.keys;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How often a token whose key is not known may have keys read out of turn: rarely. Not thread-safe. */
final class Demands {
    private static final int MAX_SEEN = 1000;

    private final Duration interval;
    private final Set<VerificationKey> seen = new HashSet<>();
    private @Nullable Long last;

    /** @param interval the least time between two */
    Demands(Duration interval) {
        this.interval = interval;
    }

    /** Whether keys may be read now; counts as a demand where they may. */
    boolean take() {
        long now = System.nanoTime();
        if (last != null && now - last < interval.toNanos()) {
            return false;
        }
        last = now;
        return true;
    }

    /**
     * A token that led to a key never seen before was no made-up one: its reading does not count against the next. Keys
     * that come and go, as from servers that are not in step, do.
     */
    void notice(KeySet read) {
        if (seen.size() < MAX_SEEN && seen.addAll(read.keys())) {
            last = null;
        }
    }
}
