package io.gatepost.policy.keys;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of one file or key server, read in the background: at once, then whenever they are due, after a failure
 * sooner, and out of turn for a token whose key is not known, but rarely. The last good keys stay. Thread-safe.
 */
final class PolledKeys {
    private static final Logger LOG = LoggerFactory.getLogger(PolledKeys.class);
    private static final int MAX_SEEN = 1000;
    private static final String ENDLESS = "no answer, and no end of the attempt";

    private final String source;
    private final KeyReader reader;
    private final Duration period;
    private final Settings settings;
    private final @Nullable KeptKeys kept;

    private final Object lock = new Object();
    private final Set<VerificationKey> seen = new HashSet<>();
    private @Nullable Attempt underWay;
    private boolean reading;
    private @Nullable ScheduledFuture<?> next;
    private final Backoff backoff = new Backoff();
    private @Nullable Long lastDemand;
    private boolean closed;
    private volatile Snapshot snapshot = new Snapshot(null, null, null, null, null);

    /** What all sources share. */
    record Settings(
            Clock clock,
            Duration refetchInterval,
            Duration timeout,
            @Nullable Duration maxStale,
            ScheduledExecutorService timer,
            ExecutorService readers) {}

    private record Snapshot(
            @Nullable KeySet keys,
            @Nullable String validator,
            @Nullable Instant readAt,
            @Nullable String error,
            @Nullable Instant nextTry) {
        Snapshot underWay() {
            return new Snapshot(keys, validator, readAt, error, null);
        }
    }

    /** One reading; {@code demanded} by a token rather than due. */
    private record Attempt(CompletableFuture<Void> end, boolean demanded) {}

    /** @param kept where the last good keys outlive this process; null for nowhere */
    PolledKeys(String source, KeyReader reader, Duration period, Settings settings, @Nullable KeptKeys kept) {
        this.source = source;
        this.reader = reader;
        this.period = period;
        this.settings = settings;
        this.kept = kept;
    }

    @Nullable
    KeySet current() {
        Snapshot now = snapshot;
        Duration maxStale = settings.maxStale();
        boolean tooOld = maxStale != null
                && now.readAt() != null
                && settings.clock().instant().isAfter(now.readAt().plus(period).plus(maxStale));
        return tooOld ? null : now.keys();
    }

    KeyState state() {
        Snapshot now = snapshot;
        KeySet keys = now.keys();
        return new KeyState(source, keys == null ? 0 : keys.keys().size(), now.readAt(), now.error(), now.nextTry());
    }

    /** Takes up what was kept, and starts the first reading. A disk may hang: nobody else waits for it. */
    void start() {
        KeptKeys.Kept before =
                kept == null ? null : kept.restore(source, settings.clock().instant());
        synchronized (lock) {
            // Whoever shares these keys may have asked for them meanwhile.
            if (closed || snapshot.keys() != null) {
                return;
            }
            if (before != null) {
                report(before.keys());
                snapshot = new Snapshot(before.keys(), null, before.readAt(), null, null);
            }
            if (underWay == null) {
                begin(false);
            }
        }
    }

    /** Tells that someone more uses these keys, who may know another place for them: that one is asked at once. */
    void joined() {
        synchronized (lock) {
            if (underWay == null && !closed && reader.hasMoved()) {
                begin(false);
            }
        }
    }

    /**
     * The end of the reading under way, or of one out of turn where that is allowed; null otherwise. Over already where
     * the key came while the token was judged.
     */
    @Nullable
    CompletableFuture<?> arrival(@Nullable String keyId) {
        synchronized (lock) {
            if (keyId != null && isKnown(keyId)) {
                return CompletableFuture.completedFuture(null);
            }
            if (underWay != null) {
                return underWay.end();
            }
            long now = System.nanoTime();
            if (closed
                    || (lastDemand != null
                            && now - lastDemand < settings.refetchInterval().toNanos())) {
                return null;
            }
            lastDemand = now;
            return begin(true).end();
        }
    }

    private boolean isKnown(String keyId) {
        KeySet keys = current();
        return keys != null && !keys.named(keyId).isEmpty();
    }

    void close() {
        synchronized (lock) {
            closed = true;
            cancelNext();
        }
    }

    private void cancelNext() {
        if (next != null) {
            next.cancel(false);
            next = null;
        }
    }

    private void due() {
        synchronized (lock) {
            next = null;
            if (underWay == null && !closed) {
                begin(false);
            }
        }
    }

    private Attempt begin(boolean demanded) {
        Attempt attempt = new Attempt(new CompletableFuture<>(), demanded);
        underWay = attempt;
        if (!demanded) {
            cancelNext();
            snapshot = snapshot.underWay();
        }
        // A name server may hang longer than any socket: twice the time is the end, and one thread waits for it.
        if (reading) {
            failed(attempt.end(), ENDLESS);
            return attempt;
        }
        reading = true;
        CompletableFuture<Void> unused = CompletableFuture.runAsync(() -> read(attempt.end()), settings.readers())
                .orTimeout(settings.timeout().toNanos() * 2, TimeUnit.NANOSECONDS)
                .exceptionally(e -> {
                    failed(attempt.end(), broken(e));
                    return null;
                });
        return attempt;
    }

    private static String broken(Throwable e) {
        Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
        return cause instanceof TimeoutException
                ? ENDLESS
                : "the attempt broke off: " + cause.getClass().getSimpleName();
    }

    private void read(CompletableFuture<Void> end) {
        try {
            succeeded(end, ask());
            keep();
        } catch (IOException | InvalidKeySetException e) {
            failed(end, String.valueOf(e.getMessage()));
        }
    }

    private KeyReader.Reading ask() throws IOException, InvalidKeySetException {
        try {
            return reader.read(snapshot.validator());
        } finally {
            synchronized (lock) {
                reading = false;
            }
        }
    }

    private void succeeded(CompletableFuture<Void> end, KeyReader.Reading reading) {
        synchronized (lock) {
            if (underWay == null || underWay.end() != end) {
                return;
            }
            backoff.reset();
            KeySet old = snapshot.keys();
            KeySet read = reading.keys() == null ? old : reading.keys();
            if (read != null && !read.equals(old)) {
                report(read);
                notice(read);
            }
            Instant next = schedule(Backoff.jittered(period));
            snapshot = new Snapshot(
                    // An equal set keeps its identity, by which verified tokens are remembered.
                    Objects.equals(read, old) ? old : read,
                    reading.validator(),
                    settings.clock().instant(),
                    null,
                    next);
            underWay = null;
        }
        end.complete(null);
    }

    private void failed(CompletableFuture<Void> end, String why) {
        synchronized (lock) {
            if (underWay == null || underWay.end() != end) {
                return;
            }
            if (!why.equals(snapshot.error())) {
                LOG.warn(
                        "keys of {} can't be read: {}; {}; correct what is wrong there, or the address in the policy:"
                                + " it is tried again by itself",
                        source,
                        why,
                        snapshot.keys() == null
                                ? "until they are, requests with a token of theirs get 503"
                                : "the keys read before stay in use");
            }
            // A reading out of turn changes nothing about the next one that is due.
            Instant due = underWay.demanded() && next != null ? snapshot.nextTry() : schedule(backoff.next(period));
            snapshot = new Snapshot(snapshot.keys(), snapshot.validator(), snapshot.readAt(), why, due);
            underWay = null;
        }
        end.complete(null);
    }

    /**
     * A token that led to a key never seen before was no made-up one: its reading does not count against the next. Keys
     * that come and go, as from servers that are not in step, do.
     */
    private void notice(KeySet read) {
        if (seen.size() < MAX_SEEN && seen.addAll(read.keys())) {
            lastDemand = null;
        }
    }

    /** What is newest, whichever reading came to write it down. */
    private void keep() {
        if (kept == null) {
            return;
        }
        synchronized (kept) {
            Snapshot now = snapshot;
            if (now.keys() != null && now.readAt() != null) {
                kept.save(source, now.keys(), now.readAt());
            }
        }
    }

    private @Nullable Instant schedule(Duration wait) {
        cancelNext();
        if (closed) {
            return null;
        }
        next = settings.timer().schedule(this::due, wait.toNanos(), TimeUnit.NANOSECONDS);
        return settings.clock().instant().plus(wait);
    }

    private void report(KeySet keys) {
        LOG.info("keys of {}: {} usable", source, keys.keys().size());
        keys.warnings().forEach(warning -> LOG.warn("keys of {}: {}", source, warning));
    }
}
