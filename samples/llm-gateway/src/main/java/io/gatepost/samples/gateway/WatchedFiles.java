package io.gatepost.samples.gateway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What someone edits: the folders of some files, with all that is in them. Looks, since editors replace files. */
final class WatchedFiles {
    private static final int INTERVAL_MILLIS = 200;

    private final List<Path> folders;
    private Map<Path, String> known;

    WatchedFiles(List<Path> paths) {
        folders = paths.stream()
                .map(path ->
                        Files.isDirectory(path) ? path : path.toAbsolutePath().getParent())
                .distinct()
                .toList();
        known = stamps();
    }

    /** Waits until something is other than when this was last called, and has been so for one interval. */
    void awaitChange() throws InterruptedException {
        Map<Path, String> before = known;
        Map<Path, String> now = stamps();
        while (now.equals(known) || !now.equals(before)) {
            before = now;
            Thread.sleep(INTERVAL_MILLIS);
            now = stamps();
        }
        known = now;
    }

    private Map<Path, String> stamps() {
        Map<Path, String> stamps = new TreeMap<>();
        for (Path folder : folders) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.filter(Files::isRegularFile).forEach(file -> stamps.put(file, stamp(file)));
            } catch (IOException | UncheckedIOException gone) {
                stamps.put(folder, "gone");
            }
        }
        return stamps;
    }

    private static String stamp(Path file) {
        try {
            return Files.size(file) + " " + Files.getLastModifiedTime(file);
        } catch (IOException gone) {
            return "gone";
        }
    }
}
