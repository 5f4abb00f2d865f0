package io.gatepost.samples.gateway.observe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
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

    /** A disk that is full must end neither the gateway nor the record for good. */
    private void write(List<AuditRecord> batch) {
        StringBuilder lines = new StringBuilder();
        batch.forEach(
                one -> lines.append(JSON.writeValueAsString(one.members())).append('\n'));
        try {
            file.append(lines.toString());
            written.increment(batch.size());
            failing = false;
        } catch (IOException problem) {
            dropped.increment(batch.size());
            if (!failing) {
                LOG.error("decisions can't be recorded: {}", problem.getMessage());
            }
            failing = true;
        }
    }

    /** Writes what is queued, and no more. */
    @Override
    public void close() {
        closed = true;
        try {
            writer.join(END_WITHIN_MILLIS);
            if (writer.isAlive()) {
                writer.interrupt();
            }
            dropped.increment(queue.drainTo(new ArrayList<>()));
            file.close();
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        } catch (IOException problem) {
            LOG.error("the end of the record of decisions may be missing: {}", problem.getMessage());
        }
    }
}
