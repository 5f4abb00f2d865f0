package io.gatepost.samples.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileWatchTest {
    private static final Duration INTERVAL = Duration.ofMillis(20);

    @TempDir
    Path folder;

    private final Semaphore changes = new Semaphore(0);

    @Test
    void tellsOfNewChangedReplacedAndDeletedFilesOfAFolder() throws Exception {
        Path file = folder.resolve("a.yaml");
        try (FileWatch watch = new FileWatch(List.of(folder), INTERVAL, changes::release)) {
            watch.start();
            Files.writeString(file, "one");
            awaitChange();
            Files.writeString(file, "three");
            awaitChange();
            Path draft = Files.writeString(folder.resolveSibling(folder.getFileName() + ".draft"), "seven");
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
            awaitChange();
            Files.delete(file);
            awaitChange();
        }
    }

    @Test
    void tellsOfASymbolicLinkThatPointsElsewhere() throws Exception {
        Path first = Files.writeString(folder.resolve("first"), "one");
        Path second = Files.writeString(folder.resolve("second"), "one");
        Path link = Files.createSymbolicLink(folder.resolve("link.yaml"), first);
        try (FileWatch watch = new FileWatch(List.of(link), INTERVAL, changes::release)) {
            watch.start();
            Path other = Files.createSymbolicLink(folder.resolve("other"), second);
            Files.move(other, link, StandardCopyOption.ATOMIC_MOVE);
            awaitChange();
        }
    }

    @Test
    void goesOnAfterAChangeThatCouldNotBeTaken() throws Exception {
        Runnable failing = () -> {
            changes.release();
            throw new IllegalStateException("as a test wants it");
        };
        try (FileWatch watch = new FileWatch(List.of(folder), INTERVAL, failing)) {
            watch.start();
            Files.writeString(folder.resolve("a.yaml"), "one");
            awaitChange();
            Files.writeString(folder.resolve("b.yaml"), "two");
            awaitChange();
        }
    }

    private void awaitChange() throws InterruptedException, IOException {
        assertThat(changes.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
    }
}
