package io.gatepost.samples.gateway.server;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How many files and sockets the process may still open. Where a connection can't even be taken, the listener pauses
 * for many seconds; so connections are closed while there are a few left. Thread-safe.
 */
final class Descriptors {
    /** For upstreams, files that are read again, and what XNIO takes in one go (128) between two looks. */
    private static final long RESERVE = 256;

    private static final int TAKEN_UNSEEN = 16;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final @Nullable UnixOperatingSystemMXBean system =
            ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix ? unix : null;
    private final long most = system == null ? Long.MAX_VALUE : system.getMaxFileDescriptorCount();
    private long looked = System.nanoTime() - LOOK_NANOS;
    private int unseen;
    private boolean scarce;

    /** Asked for each connection; to count them costs more than to take one, so it is not done each time. */
    synchronized boolean areScarce() {
        if (system == null) {
            return false;
        }
        long now = System.nanoTime();
        if (++unseen >= TAKEN_UNSEEN || now - looked >= LOOK_NANOS) {
            unseen = 0;
            looked = now;
            scarce = most - open(system) < Math.min(RESERVE, most / 4);
        }
        return scarce;
    }

    /** To count takes a descriptor itself. */
    private long open(UnixOperatingSystemMXBean counting) {
        try {
            return counting.getOpenFileDescriptorCount();
        } catch (InternalError none) {
            return most;
        }
    }
}
