package io.gatepost.samples.gateway.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when files, or the files of folders, changed and have been quiet for one interval: what is still being written
 * is not read. Looks instead of being notified, which also sees replaced symbolic links, mounts and network folders. A
 * change that was not taken is told again, ever more rarely. Whatever is thrown, the watch goes on.
 */
final class FileWatch implements AutoCloseable {
    /** How often to look where nobody asks for something else. */
    static final Duration INTERVAL = Duration.ofMillis(100);

    private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LAST_RETRY = Duration.ofMinutes(1);
    private static final Duration STUCK = Duration.ofMinutes(1);

    private final List<Path> paths;
    private final Predicate<Path> concerns;
    private final Change changed;
    private final Duration interval;
    private final Object lock = new Object();
    private @Nullable Thread thread;
    private volatile boolean closed;
    private volatile boolean died;
    private volatile long lookingSince;
    private Map<Path, Entry> entries = Map.of();
    private Map<Path, String> told;
    private Map<Path, String> seen;
    private @Nullable Long retryAt;
    private Duration retry = FIRST_RETRY;
    private String problem = "";
    private boolean heard = true;

    /** Takes up a change; runs on the watch's own thread. */
    interface Change {
        /**
         * Takes up the files as they are.
         *
         * @param again whether they are those that were not taken last time
         * @return whether they were taken
         */
        boolean take(boolean again);
    }

    /** An entry of a folder, and whether it matters as long as its stamp stays. */
    private record Entry(String stamp, boolean concerns) {}

    /** What is there now is known. {@code changed} runs on the watch's own thread. */
    FileWatch(List<Path> paths, Duration interval, Runnable changed) {
        this(paths, interval, entry -> true, again -> {
            changed.run();
            return true;
        });
    }

    /** @param concerns whether an entry of a folder matters; asked again when it changes */
    FileWatch(List<Path> paths, Duration interval, Predicate<Path> concerns, Change changed) {
        this.paths = List.copyOf(paths);
        this.interval = interval;
        this.concerns = concerns;
        this.changed = changed;
        told = stamps();
        seen = told;
    }

    void start() {
        synchronized (lock) {
            if (closed || (thread != null && thread.isAlive())) {
                return;
            }
            Thread next = new Thread(this::watch, "file-watch");
            next.setDaemon(true);
            next.setUncaughtExceptionHandler((dead, why) -> restart());
            thread = next;
            next.start();
        }
    }

    /** A handler runs on the dying thread, which must not count as alive. */
    private void restart() {
        died = true;
        synchronized (lock) {
            thread = null;
        }
        start();
    }

    /** Why a change might not be seen; null where it would be. A watch that ended is started again. */
    @Nullable
    String problem() {
        synchronized (lock) {
            died |= thread != null && !thread.isAlive();
        }
        if (died && !closed) {
            start();
            return "the watch of the files ended; it is being started again";
        }
        long since = lookingSince;
        return since != 0 && System.nanoTime() - since > STUCK.toNanos()
                ? "the watch of the files is stuck: a file or folder can't be read to its end"
                : null;
    }

    @Override
    public void close() {
        closed = true;
        synchronized (lock) {
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    private void watch() {
        while (!closed) {
            try {
                Thread.sleep(interval.toMillis());
            } catch (InterruptedException e) {
                // Closed, or somebody's stray interrupt.
                continue;
            }
            look();
        }
    }

    /** What goes wrong with one change must not end the watch for the next: errors neither. */
    private void look() {
        lookingSince = System.nanoTime();
        try {
            Map<Path, String> now = stamps();
            boolean quiet = now.equals(seen);
            seen = now;
            if (quiet && !now.equals(told)) {
                told = now;
                retry = FIRST_RETRY;
                take(false);
            } else if (quiet && retryAt != null && System.nanoTime() - retryAt >= 0) {
                take(true);
            }
            // What it died of is tried again first.
            died &= !heard;
        } catch (Throwable failure) {
            tell(failure.getClass().getSimpleName() + " at " + place(failure));
        } finally {
            lookingSince = 0;
        }
    }

    private void take(boolean again) {
        heard = false;
        // First of all: whatever is thrown, it is tried again.
        retryAt = System.nanoTime() + retry.toNanos();
        retry = retry.multipliedBy(2).compareTo(LAST_RETRY) > 0 ? LAST_RETRY : retry.multipliedBy(2);
        if (changed.take(again)) {
            retryAt = null;
        }
        problem = "";
        heard = true;
    }

    private void tell(String now) {
        if (!now.equals(problem)) {
            problem = now;
            LOG.error("a change of the files can't be taken up, what was read before still is served: {}", now);
        }
    }

    /** A bug's place is enough to report it. */
    private static String place(Throwable bug) {
        StackTraceElement[] trace = bug.getStackTrace();
        return trace.length == 0 ? "unknown" : trace[0].toString();
    }

    private Map<Path, String> stamps() {
        Map<Path, String> stamps = new TreeMap<>();
        Map<Path, Entry> now = new HashMap<>();
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                try (Stream<Path> files = Files.list(path)) {
                    files.forEach(file -> now.put(file, entry(file)));
                } catch (IOException | UncheckedIOException gone) {
                    stamps.put(path, "gone");
                }
            } else {
                stamps.put(path, stamp(path));
            }
        }
        entries = now;
        now.forEach((file, entry) -> {
            if (entry.concerns()) {
                stamps.put(file, entry.stamp());
            }
        });
        return stamps;
    }

    private Entry entry(Path file) {
        String stamp = stamp(file);
        Entry before = entries.get(file);
        return before != null && before.stamp().equals(stamp) ? before : new Entry(stamp, concerns.test(file));
    }

    private static String stamp(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.size() + " " + attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS) + " "
                    + attributes.fileKey();
        } catch (IOException gone) {
            return gone.getClass().getSimpleName();
        }
    }
}
