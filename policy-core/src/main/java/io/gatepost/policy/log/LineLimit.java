package io.gatepost.policy.log;

import java.util.concurrent.TimeUnit;

/**
 * How many lines of one kind get into a log: a flood of refusals must fill neither the disk nor the time of those who
 * are let in. Thread-safe.
 */
public final class LineLimit {
    /** Lines in a second at most. */
    public static final int PER_SECOND = 100;

    private long begun = System.nanoTime();
    private int lines;
    private int missed;

    /** A limit of which nothing is used up. */
    public LineLimit() {}

    /**
     * Asks for a line.
     *
     * @return how many had none since the last line; negative where there is none for this one
     */
    public synchronized int next() {
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
