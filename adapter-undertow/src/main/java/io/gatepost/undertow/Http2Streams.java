package io.gatepost.undertow;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The open streams of a connection, as its two ends have told each other. One that is reset counts until its exchange
 * is complete: a client that takes its requests back has no more under way than another. Thread-safe.
 */
final class Http2Streams {
    /** What a client still owes on a stream. Used by the reader alone. */
    static final class Request {
        private static final long UNKNOWN = -1;

        private long left;
        private boolean ended;
        private boolean answered;
        private boolean reset;
        private boolean complete;
        private @Nullable Runnable onReset;

        /** @param length what `content-length` says; negative where it is not there */
        Request(long length, boolean ended) {
            left = length < 0 ? UNKNOWN : length;
            this.ended = ended;
        }

        boolean ended() {
            return ended;
        }

        /** Takes octets of the body; false where they are more or fewer than were announced. */
        boolean takes(long octets, boolean last) {
            if (left == UNKNOWN) {
                return true;
            }
            left -= octets;
            return left >= 0 && (!last || left == 0);
        }
    }

    private final Map<Integer, Request> open = new HashMap<>();
    private final int most;
    private final Executor later;
    private long idleSince = System.nanoTime();
    private int last;
    private int unnamed;

    /** @param later the connection's I/O thread */
    Http2Streams(int most, Executor later) {
        this.most = most;
        this.later = later;
    }

    synchronized boolean isFull() {
        return Math.max(open.size(), unnamed) >= most;
    }

    /** An exchange has begun of which nobody can tell the stream: Undertow's own connections keep it to themselves. */
    synchronized void unnamedBegun() {
        unnamed++;
    }

    synchronized void unnamedComplete() {
        unnamed--;
    }

    /** Whether there are exchanges whose streams are over. */
    synchronized boolean hasOrphans() {
        return unnamed > open.size();
    }

    /** The highest stream that there was. */
    synchronized int last() {
        return last;
    }

    synchronized void reached(int stream) {
        last = stream;
    }

    synchronized void open(int stream, Request request) {
        open.put(stream, request);
    }

    /** Null for one that was never there, or is over. */
    synchronized @Nullable Request get(int stream) {
        Request request = open.get(stream);
        return request == null || request.reset ? null : request;
    }

    synchronized void ended(int stream) {
        Request request = open.get(stream);
        if (request != null) {
            request.ended = true;
            if (request.answered) {
                remove(stream);
            }
        }
    }

    synchronized void answered(int stream) {
        Request request = open.get(stream);
        if (request != null) {
            request.answered = true;
            if (request.ended) {
                remove(stream);
            }
        }
    }

    /** @param onReset is run later where the stream is reset, or was already */
    synchronized void begun(int stream, Runnable onReset) {
        Request request = open.get(stream);
        if (request != null) {
            request.onReset = onReset;
            if (request.reset) {
                later.execute(onReset);
            }
        }
    }

    /** The exchange is complete; the last of its answer may still have to be sent. */
    synchronized void complete(int stream) {
        Request request = open.get(stream);
        if (request != null) {
            request.complete = true;
            if (request.reset) {
                remove(stream);
            }
        }
    }

    synchronized void reset(int stream) {
        Request request = open.get(stream);
        if (request == null || request.reset) {
            return;
        }
        request.reset = true;
        if (request.onReset != null) {
            later.execute(request.onReset);
        } else {
            // Undertow itself may have refused it.
            later.execute(() -> forget(stream));
        }
        if (request.complete) {
            remove(stream);
        }
    }

    /** As Undertow does where the client says that it goes away. */
    synchronized void resetAll() {
        List.copyOf(open.keySet()).forEach(this::reset);
    }

    private synchronized void forget(int stream) {
        Request request = open.get(stream);
        if (request != null && request.onReset == null) {
            remove(stream);
        }
    }

    private void remove(int stream) {
        if (open.remove(stream) != null && open.isEmpty()) {
            idleSince = System.nanoTime();
        }
    }

    /** Since when there has been no stream; negative where there is one. */
    synchronized long idleNanos() {
        return open.isEmpty() ? System.nanoTime() - idleSince : -1;
    }
}
