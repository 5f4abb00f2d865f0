package io.gatepost.samples.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.routes.manifest.ManifestFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(classes = {OutOfMemoryError.class, StackOverflowError.class, NoClassDefFoundError.class})
    void goesOnAfterAnError(Class<? extends Error> error) throws Exception {
        FileWatch.Change failing = again -> {
            changes.release();
            throw made(error);
        };
        try (FileWatch watch = new FileWatch(List.of(folder), INTERVAL, entry -> true, failing)) {
            watch.start();
            Files.writeString(folder.resolve("a.yaml"), "one");
            awaitChange();
            Files.writeString(folder.resolve("b.yaml"), "two");
            awaitChange();

            assertThat(watch.problem()).isNull();
        }
    }

    private static Error made(Class<? extends Error> error) {
        try {
            return error.getConstructor(String.class).newInstance("as a test wants it");
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void goesOnAfterAStrayInterrupt() throws Exception {
        Runnable interrupted = () -> {
            changes.release();
            Thread.currentThread().interrupt();
        };
        try (FileWatch watch = new FileWatch(List.of(folder), INTERVAL, interrupted)) {
            watch.start();
            Files.writeString(folder.resolve("a.yaml"), "one");
            awaitChange();
            Files.writeString(folder.resolve("b.yaml"), "two");
            awaitChange();
        }
    }

    /** Not even saying what went wrong works: as in a JVM without memory. */
    @Test
    void startsAgainAfterItsThreadDied() throws Exception {
        AtomicBoolean dying = new AtomicBoolean(true);
        FileWatch.Change deadly = again -> {
            changes.release();
            if (dying.get()) {
                throw new UnspeakableError();
            }
            return true;
        };
        try (FileWatch watch = new FileWatch(List.of(folder), INTERVAL, entry -> true, deadly)) {
            watch.start();
            Files.writeString(folder.resolve("a.yaml"), "one");
            awaitChange();
            awaitProblem(watch, true);
            dying.set(false);
            Files.writeString(folder.resolve("b.yaml"), "two");
            awaitChange();
            awaitProblem(watch, false);
        }
    }

    private static final class UnspeakableError extends Error {
        private static final long serialVersionUID = 1L;

        @Override
        public StackTraceElement[] getStackTrace() {
            throw new OutOfMemoryError("as a test wants it");
        }
    }

    private static void awaitProblem(FileWatch watch, boolean expected) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while ((watch.problem() != null) != expected && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        assertThat(watch.problem() != null).isEqualTo(expected);
    }

    @Test
    void tellsAgainOfAChangeThatWasNotTaken() throws Exception {
        List<Boolean> told = new CopyOnWriteArrayList<>();
        FileWatch.Change atSecondTry = again -> {
            told.add(again);
            changes.release();
            return again;
        };
        try (FileWatch watch = new FileWatch(List.of(folder), INTERVAL, entry -> true, atSecondTry)) {
            watch.start();
            Files.writeString(folder.resolve("a.yaml"), "one");
            awaitChange();
            awaitChange();
        }
        assertThat(told).containsExactly(false, true);
    }

    @Test
    void passesOverEntriesThatDoNotMatter() throws Exception {
        FileWatch.Change change = again -> {
            changes.release();
            return true;
        };
        try (FileWatch watch = new FileWatch(List.of(folder), INTERVAL, ManifestFolder::concerns, change)) {
            watch.start();
            Files.writeString(folder.resolve(".draft.yaml"), "one");
            Files.writeString(folder.resolve("notes.txt"), "one");
            Files.writeString(folder.resolve("a.test.yaml"), "one");
            assertThat(changes.tryAcquire(300, TimeUnit.MILLISECONDS)).isFalse();
            Files.writeString(folder.resolve("notes.txt"), "apiVersion: v1\nkind: Secret\n");
            awaitChange();
        }
    }

    private void awaitChange() throws InterruptedException, IOException {
        assertThat(changes.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
    }
}
