package io.gatepost.samples.gateway.observe;

import java.util.concurrent.TimeUnit;

/**
 * How many refusals get a line in the log: a flood of them must fill neither the disk nor the time of those who are let
 * in. All are counted, and in the audit log. Thread-safe.
 */
final class RefusalLines {
    /** Lines in a second at most. */
    static final int PER_SECOND = 100;

    private long begun = System.nanoTime();
    private int lines;
    private int missed;

    /**
     * Asks for a line.
     *
     * @return how many refusals had none since the last one; negative where there is none
     */
    synchronized int next() {
        long now = System.nanoTime();
        if (now - begun >= TimeUnit.SECONDS.toNanos(1)) {
            begun = now;
            lines = 0;
        }
        if (lines == PER_SECOND) {
            missed++;
            return -1;
        }
        lines++;
        int before = missed;
        missed = 0;
        return before;
    }
}
