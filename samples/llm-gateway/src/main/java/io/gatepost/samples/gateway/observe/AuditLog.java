package io.gatepost.samples.gateway.observe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Records every decision as a line of JSON. Never makes a request wait: records queue for one writer, and where the
 * queue is full, or they can't be written, they are dropped and counted. All but ASCII is escaped, so that no reader
 * takes a character of a client for the end of a line. Thread-safe.
 */
public final class AuditLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("gateway");
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
    private static final int BATCH = 1024;
    private static final long END_WITHIN_MILLIS = 5_000;

    private final BlockingQueue<AuditRecord> queue;
    private final List<String> claims;
    private final boolean explained;
    private final AuditFile file;
    private final Counter written;
    private final Counter dropped;
    private final Thread writer = new Thread(this::write, "audit-log");
    private volatile boolean closed;
    private boolean failing;

    AuditLog(AuditFile file, List<String> claims, boolean explained, int capacity, MeterRegistry registry) {
        this.file = file;
        this.explained = explained;
        this.claims = List.copyOf(claims);
        queue = new ArrayBlockingQueue<>(capacity);
        written = counter(registry, "written");
        dropped = counter(registry, "dropped");
        writer.setDaemon(true);
        writer.start();
    }

    private static Counter counter(MeterRegistry registry, String result) {
        return Counter.builder("gatepost.audit.records")
                .description("records of decisions by what became of them")
                .tag("result", result)
                .register(registry);
    }

    /** Whether denials are recorded with why, in full. */
    boolean isExplained() {
        return explained;
    }

    /** The claims that are recorded where a token has them. */
    List<String> claims() {
        return claims;
    }

    void add(AuditRecord decision) {
        // One that comes while the writer ends may be left behind: it takes itself out again.
        if (closed || !queue.offer(decision) || (closed && queue.remove(decision))) {
            dropped.increment();
        }
    }

    private void write() {
        List<AuditRecord> batch = new ArrayList<>();
        try {
            while (!closed || !queue.isEmpty()) {
                AuditRecord first = queue.poll(100, TimeUnit.MILLISECONDS);
                if (first != null) {
                    batch.add(first);
                    queue.drainTo(batch, BATCH);
                    write(batch);
                    batch.clear();
                }
            }
        } catch (InterruptedException ended) {
            LOG.warn("{} records of decisions were not written in time", queue.size());
        }
    }

    /** A disk that is full must end neither the gateway nor the record for good, nor must a record that is odd. */
    private void write(List<AuditRecord> batch) {
        try {
            List<String> lines = batch.stream().flatMap(this::line).toList();
            file.append(String.join("", lines));
            written.increment(lines.size());
            failing = failing && lines.isEmpty();
        } catch (IOException | RuntimeException | Error problem) {
            dropped(batch.size(), problem);
        }
    }

    private Stream<String> line(AuditRecord one) {
        try {
            return Stream.of(JSON.writeValueAsString(one.members()) + '\n');
        } catch (RuntimeException | Error problem) {
            dropped(1, problem);
            return Stream.empty();
        }
    }

    /** What a record holds is personal data, so of what is not a disk's problem only the kind is told. */
    private void dropped(int records, Throwable problem) {
        dropped.increment(records);
        if (!failing) {
            LOG.error(
                    "decisions can't be recorded: {}",
                    problem instanceof IOException
                            ? problem.getMessage()
                            : problem.getClass().getName());
        }
        failing = true;
    }

    /** Writes what is queued, and no more. */
    @Override
    public void close() {
        closed = true;
        try {
            writer.join(END_WITHIN_MILLIS);
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
        if (writer.isAlive()) {
            writer.interrupt();
        }
        dropped.increment(queue.drainTo(new ArrayList<>()));
        try {
            file.close();
        } catch (IOException problem) {
            LOG.error("the end of the record of decisions may be missing: {}", problem.getMessage());
        }
    }
}
