package io.gatepost.samples.gateway.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of records where something is wrong with them or with their file. */
@Timeout(60)
class AuditLogTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @TempDir
    private Path folder;

    private Path file = Path.of("");

    @BeforeEach
    void name() {
        file = folder.resolve("audit.ndjson");
    }

    @Test
    void goesOnAfterARecordThatCanNotBeWritten() throws IOException {
        try (AuditLog log = open()) {
            // What can't be written as JSON: it holds itself.
            Map<String, Object> odd = new HashMap<>();
            odd.put("tree", odd);
            log.add(record("/odd", odd));
            log.add(record("/good", null));
            eventually(() -> count("written") == 1);
        }
        assertThat(count("dropped")).isEqualTo(1);
        assertThat(Files.readAllLines(file)).singleElement().asString().contains("/good");
    }

    @Test
    void isForItsOwnerOnly() throws IOException {
        open().close();

        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void followsNoLink() throws IOException {
        Path other = Files.writeString(folder.resolve("other"), "of somebody else");
        Files.createSymbolicLink(file, other);

        assertThatThrownBy(this::open)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("it is a link; name the file itself");
        assertThat(other).hasContent("of somebody else");
    }

    @Test
    void followsNoLinkThatComesInItsPlaceAndGoesOnWhereItLeaves() throws IOException {
        Path other = Files.writeString(folder.resolve("other"), "of somebody else");
        try (AuditLog log = open()) {
            log.add(record("/1", null));
            eventually(() -> count("written") == 1);
            Path before = Files.move(file, folder.resolve("before"));
            Files.createSymbolicLink(file, other);
            log.add(record("/2", null));
            eventually(() -> count("dropped") == 1);
            Files.delete(file);
            Files.move(before, file);
            log.add(record("/3", null));
            eventually(() -> count("written") == 2);
        }
        assertThat(other).hasContent("of somebody else");
        assertThat(Files.readAllLines(file)).hasSize(2);
    }

    @Test
    void closesItsFileWhereItsCallerIsInterrupted() {
        AuditLog log = open();
        Thread.currentThread().interrupt();
        log.close();

        assertThat(Thread.interrupted()).isTrue();
        log.add(record("/late", null));
        assertThat(count("dropped")).isEqualTo(1);
        assertThat(openFiles()).doesNotContain(file);
    }

    private static List<Path> openFiles() {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.map(AuditLogTest::target).toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static Path target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor);
        } catch (IOException gone) {
            return descriptor;
        }
    }

    private AuditLog open() {
        return new AuditLog(AuditFile.open(file), List.of(), true, 100, registry);
    }

    private double count(String result) {
        return registry.get("gatepost.audit.records")
                .tag("result", result)
                .counter()
                .count();
    }

    private static AuditRecord record(String path, @Nullable Map<String, Object> explanation) {
        return new AuditRecord(
                Instant.EPOCH,
                "id",
                "route",
                "GET",
                path,
                null,
                0,
                null,
                null,
                null,
                null,
                List.of(),
                Map.of(),
                Map.of(),
                explanation);
    }

    private static void eventually(BooleanSupplier condition) {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("came true in time").isLessThan(end);
            LockSupport.parkNanos(1_000_000);
        }
    }
}
