package io.gatepost.undertow;

import io.gatepost.policy.forward.ForwardedRequest;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.xnio.channels.StreamSourceChannel;

/** Sends a request's head to an upstream, and its body as it comes from the client. On one I/O thread. */
final class RequestPump {
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE");

    private final HttpServerExchange exchange;
    private final Runnable sent;
    private final Runnable stopped;
    private final Consumer<IOException> badRequest;
    private final boolean idempotent;
    private final RequestOctets octets;
    private @Nullable StreamSourceChannel body;
    private @Nullable PooledByteBuffer pooled;
    private @Nullable UpstreamConnection connection;
    private @Nullable IOException failure;
    private boolean filled;
    private boolean ended;
    private boolean discarded;
    private boolean whole;
    private boolean over;

    /**
     * Readies a request, before anything is read of its body.
     *
     * @param sent hears that it was sent whole
     * @param stopped hears that the upstream takes no more of it, whose answer may still come
     * @param badRequest hears that the body is none
     */
    RequestPump(
            HttpServerExchange exchange,
            ForwardedRequest forwarded,
            Runnable sent,
            Runnable stopped,
            Consumer<IOException> badRequest) {
        this.exchange = exchange;
        this.sent = sent;
        this.stopped = stopped;
        this.badRequest = badRequest;
        idempotent = IDEMPOTENT.contains(exchange.getRequestMethod().toString());
        octets = new RequestOctets(exchange, forwarded);
    }

    /** Sends it from its beginning. */
    void start(UpstreamConnection to) {
        connection = to;
        if (body == null && !exchange.isRequestComplete()) {
            StreamSourceChannel channel = exchange.getRequestChannel();
            channel.getReadSetter().set(readable -> run());
            body = channel;
        }
        run();
    }

    /** Whether its method has the same effect twice (RFC 9110 section 9.2.2). */
    boolean isIdempotent() {
        return idempotent;
    }

    /**
     * Whether the request may be sent once more, where a connection ended without an answer (RFC 9110 section 9.2.2):
     * nothing of it went out, or its method has the same effect twice; and nothing of the body is gone.
     */
    boolean isRepeatable() {
        return (idempotent || !octets.isBegun()) && !discarded && !over;
    }

    /** Goes back to the beginning. */
    void rewind() {
        octets.rewind();
        filled = ended || octets.isDataLeft();
        whole = false;
    }

    /** Whether all of it has been handed to the upstream's connection. */
    boolean isSent() {
        return whole;
    }

    /** Moves what can be moved, and waits for the side that holds up the other. */
    private void run() {
        while (!over && !whole && connection != null) {
            boolean more = true;
            if (!filled) {
                try {
                    more = fill();
                } catch (IOException e) {
                    stop();
                    badRequest.accept(e);
                    return;
                }
                filled = true;
            }
            if (!write()) {
                return;
            }
            filled = false;
            if (ended) {
                sent();
            } else if (!more && body != null) {
                body.resumeReads();
                return;
            }
        }
    }

    private void sent() {
        whole = true;
        if (!idempotent) {
            release();
        }
        sent.run();
    }

    /** Takes what there is of the body; returns whether there may be more at once. */
    private boolean fill() throws IOException {
        if (body == null) {
            ended = true;
            octets.end(0);
            return true;
        }
        if (pooled == null) {
            pooled = exchange.getConnection().getByteBufferPool().allocate();
        }
        ByteBuffer data = pooled.getBuffer();
        discarded |= octets.hasData();
        data.clear();
        int count = read(body, data);
        data.flip();
        octets.frame(data);
        if (count < 0) {
            ended = true;
            octets.end(data.remaining());
        }
        return count != 0;
    }

    /** Reads until nothing is left to read just now; what came before a failure is sent before it is told. */
    private int read(StreamSourceChannel from, ByteBuffer data) throws IOException {
        if (failure != null) {
            throw failure;
        }
        int count = from.read(data);
        try {
            while (count > 0 && data.hasRemaining()) {
                count = from.read(data);
            }
        } catch (IOException e) {
            failure = e;
        }
        return count;
    }

    /** Returns whether all that was taken went out; waits for the upstream otherwise, and lets the client wait. */
    private boolean write() {
        UpstreamConnection to = connection;
        if (to == null) {
            return false;
        }
        try {
            if (!octets.writeTo(to) || !to.flush()) {
                return waitFor(to);
            }
            to.suspendWrites();
            return true;
        } catch (IOException e) {
            stall(to);
            stopped.run();
            return false;
        }
    }

    /** Sends nothing more on a connection, and lets the client wait until it is known what follows. */
    private void stall(UpstreamConnection from) {
        connection = null;
        from.suspendWrites();
        if (body != null) {
            body.suspendReads();
        }
    }

    private boolean waitFor(UpstreamConnection to) {
        if (body != null) {
            body.suspendReads();
        }
        to.awaitWritable(this::run);
        return false;
    }

    /** Ends it, wherever it is. */
    void stop() {
        over = true;
        connection = null;
        release();
    }

    private void release() {
        if (pooled != null) {
            octets.release();
            pooled.close();
            pooled = null;
        }
    }
}
