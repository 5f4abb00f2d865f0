package io.gatepost.samples.gateway.desync;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/** What was sent, and what went wrong with it. Thread-safe. */
final class Ledger {
    private final Map<String, Sent> sent = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> arrivals = new ConcurrentHashMap<>();
    private final List<String> faults = new CopyOnWriteArrayList<>();
    private final ReentrantReadWriteLock quiet = new ReentrantReadWriteLock(true);

    Sent add(Sent request) {
        sent.put(request.id(), request);
        return request;
    }

    @Nullable
    Sent find(String id) {
        return sent.get(id);
    }

    /** Counts that a request arrived; returns how often it had before. */
    int arrived(Sent request) {
        return arrivals.computeIfAbsent(request.id(), id -> new AtomicInteger()).getAndIncrement();
    }

    void fault(String what) {
        faults.add(what);
    }

    List<String> faults() {
        return List.copyOf(faults);
    }

    /** To be asked around everything between the first octet of a request and the last of its answer. */
    void underWay() {
        quiet.readLock().lock();
    }

    void answered() {
        quiet.readLock().unlock();
    }

    /**
     * Does something while no request is under way. An octet that nobody asked for is seen for what it is only then:
     * beside a request it is its answer.
     */
    void whileQuiet(Action action) throws IOException {
        try {
            if (!quiet.writeLock().tryLock(20, TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        try {
            action.run();
        } finally {
            quiet.writeLock().unlock();
        }
    }

    /** What may fail. */
    interface Action {
        void run() throws IOException;
    }
}
