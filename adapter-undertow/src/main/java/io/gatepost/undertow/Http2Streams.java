package io.gatepost.undertow;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The open streams of a connection, as its two ends have told each other. Thread-safe. */
final class Http2Streams {
    /** What a client still owes on a stream. Used by the reader alone. */
    static final class Request {
        private static final long UNKNOWN = -1;

        private long left;
        private boolean ended;
        private boolean answered;

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
    private long idleSince = System.nanoTime();
    private int last;

    Http2Streams(int most) {
        this.most = most;
    }

    synchronized boolean isFull() {
        return open.size() >= most;
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
        return open.get(stream);
    }

    synchronized void ended(int stream) {
        Request request = open.get(stream);
        if (request != null) {
            request.ended = true;
            if (request.answered) {
                close(stream);
            }
        }
    }

    synchronized void answered(int stream) {
        Request request = open.get(stream);
        if (request != null) {
            request.answered = true;
            if (request.ended) {
                close(stream);
            }
        }
    }

    synchronized void close(int stream) {
        if (open.remove(stream) != null && open.isEmpty()) {
            idleSince = System.nanoTime();
        }
    }

    /** Since when there has been no stream; negative where there is one. */
    synchronized long idleNanos() {
        return open.isEmpty() ? System.nanoTime() - idleSince : -1;
    }
}
