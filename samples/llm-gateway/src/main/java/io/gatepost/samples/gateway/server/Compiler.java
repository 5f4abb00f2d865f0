package io.gatepost.samples.gateway.server;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The JVM's compilers, which work beside everything else. They tell only at the end of a method what it took, which may
 * be a second; so they are known by what the process computes while nothing else does. Not thread-safe.
 */
final class Compiler {
    private static final long LOOK = 10_000_000;

    /** What else goes on in a process at rest takes less than this part of a core. */
    private static final double IDLE = 0.2;

    private final @Nullable OperatingSystemMXBean system =
            ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean known ? known : null;

    private long spent() {
        return system == null ? 0 : system.getProcessCpuTime();
    }

    /**
     * Waits until they have nothing left to do.
     *
     * @param end when to wait no longer, in {@link System#nanoTime}
     * @return whether they did something
     */
    boolean rest(long end) {
        boolean worked = false;
        long time = System.nanoTime();
        long before = spent();
        while (time - end < 0) {
            LockSupport.parkNanos(LOOK);
            long now = System.nanoTime();
            long after = spent();
            if (after - before < IDLE * (now - time)) {
                return worked;
            }
            worked = true;
            time = now;
            before = after;
        }
        return worked;
    }
}
