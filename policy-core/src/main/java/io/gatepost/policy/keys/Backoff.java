package io.gatepost.policy.keys;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** When something that is done again and again is due. Not thread-safe. */
final class Backoff {
    private static final Duration FIRST = Duration.ofMillis(200);
    private static final Duration LAST = Duration.ofSeconds(15);

    private int failures;

    void reset() {
        failures = 0;
    }

    /** After a failure, longer with each, never longer than after a success. */
    Duration next(Duration period) {
        Duration wait = FIRST.multipliedBy(1L << Math.min(failures, 10));
        failures++;
        Duration longest = period.compareTo(LAST) < 0 ? period : LAST;
        return wait.compareTo(longest) > 0 ? longest : wait;
    }

    /** Early by up to a tenth, so that many gateways do not ask in step. */
    static Duration jittered(Duration period) {
        return period.minusMillis(
                (long) (period.toMillis() / 10.0 * ThreadLocalRandom.current().nextDouble()));
    }
}
