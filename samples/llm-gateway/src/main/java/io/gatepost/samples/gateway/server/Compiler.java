package io.gatepost.samples.gateway.server;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The JVM's compilers, which work beside everything else. Not thread-safe. */
final class Compiler {
    /** They say what they spent at the end of each method, and most methods take less than this. */
    private static final long STILL = 20_000_000;

    private static final long LOOK = 5_000_000;

    private final @Nullable CompilationMXBean bean = ManagementFactory.getCompilationMXBean();
    private long before = spent();

    private long spent() {
        return bean == null || !bean.isCompilationTimeMonitoringSupported() ? 0 : bean.getTotalCompilationTime();
    }

    /**
     * Waits until they seem to have nothing left to do.
     *
     * @param end when to wait no longer, in {@link System#nanoTime}
     * @return whether they did something since this was called last
     */
    boolean rest(long end) {
        long seen = spent();
        long changed = System.nanoTime();
        for (long now = changed; now - changed < STILL && now - end < 0; now = System.nanoTime()) {
            LockSupport.parkNanos(LOOK);
            long next = spent();
            if (next != seen) {
                seen = next;
                changed = System.nanoTime();
            }
        }
        boolean worked = seen != before;
        before = seen;
        return worked;
    }
}
