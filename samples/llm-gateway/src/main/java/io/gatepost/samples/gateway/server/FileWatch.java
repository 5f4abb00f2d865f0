package io.gatepost.samples.gateway.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when files, or the files of folders, changed and have been quiet for one interval: what is still being written
 * is not read. Looks instead of being notified, which also sees replaced symbolic links, mounts and network folders.
 */
final class FileWatch implements AutoCloseable {
    /** How often to look where nobody asks for something else. */
    static final Duration INTERVAL = Duration.ofMillis(100);

    private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);

    private final List<Path> paths;
    private final Runnable changed;
    private final Duration interval;
    private final Thread thread = new Thread(this::watch, "file-watch");
    private Map<Path, String> told;
    private Map<Path, String> seen;

    /** What is there now is known. {@code changed} runs on the watch's own thread. */
    FileWatch(List<Path> paths, Duration interval, Runnable changed) {
        this.paths = List.copyOf(paths);
        this.interval = interval;
        this.changed = changed;
        told = stamps();
        seen = told;
    }

    void start() {
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void watch() {
        try {
            while (true) {
                Thread.sleep(interval.toMillis());
                look();
            }
        } catch (InterruptedException closed) {
            LOG.debug("no longer watching");
        }
    }

    /** What goes wrong with one change must not end the watch for the next. */
    private void look() {
        try {
            Map<Path, String> now = stamps();
            boolean quiet = now.equals(seen);
            seen = now;
            if (quiet && !now.equals(told)) {
                told = now;
                changed.run();
            }
        } catch (RuntimeException problem) {
            LOG.error(
                    "a change of the files can't be taken up, what was read before still is served: {} at {}",
                    problem.getClass().getSimpleName(),
                    place(problem));
        }
    }

    /** A bug's place is enough to report it. */
    private static String place(RuntimeException bug) {
        StackTraceElement[] trace = bug.getStackTrace();
        return trace.length == 0 ? "unknown" : trace[0].toString();
    }

    private Map<Path, String> stamps() {
        Map<Path, String> stamps = new TreeMap<>();
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                try (Stream<Path> files = Files.list(path)) {
                    files.forEach(file -> stamps.put(file, stamp(file)));
                } catch (IOException gone) {
                    stamps.put(path, "gone");
                }
            } else {
                stamps.put(path, stamp(path));
            }
        }
        return stamps;
    }

    private static String stamp(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.size() + " " + attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS) + " "
                    + attributes.fileKey();
        } catch (IOException gone) {
            return "gone";
        }
    }
}
