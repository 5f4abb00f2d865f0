package io.gatepost.undertow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.gatepost.policy.forward.ForwardedRequest;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.xnio.channels.StreamSourceChannel;

/** Sends a request's head to an upstream, and its body as it comes from the client. On one I/O thread. */
final class RequestPump {
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE");
    private static final byte[] LINE_END = {'\r', '\n'};
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(ISO_8859_1);
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private static final int HEAD = 0;
    private static final int SIZE = 1;
    private static final int DATA = 2;
    private static final int END = 3;

    private final HttpServerExchange exchange;
    private final Runnable sent;
    private final Runnable stopped;
    private final Consumer<IOException> badRequest;
    private final boolean idempotent;
    private final boolean chunked;
    private final ByteBuffer[] octets = {NOTHING, NOTHING, NOTHING, NOTHING};
    private long left;
    private @Nullable StreamSourceChannel body;
    private @Nullable PooledByteBuffer pooled;
    private @Nullable UpstreamConnection connection;
    private @Nullable IOException failure;
    private boolean filled;
    private boolean ended;
    private boolean begun;
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
        String method = exchange.getRequestMethod().toString();
        idempotent = IDEMPOTENT.contains(method);
        String length = exchange.getRequestHeaders().getFirst(Headers.CONTENT_LENGTH);
        left = length == null ? 0 : Long.parseLong(length);
        chunked = length == null && !exchange.isRequestComplete();
        octets[HEAD] = ByteBuffer.wrap(head(method, forwarded, length));
    }

    private byte[] head(String method, ForwardedRequest forwarded, @Nullable String length) {
        StringBuilder head = new StringBuilder(512);
        head.append(method).append(' ').append(forwarded.target()).append(" HTTP/1.1\r\n");
        forwarded.headers().forEach((name, values) -> values.forEach(value -> header(head, name, value)));
        if (length != null) {
            header(head, "Content-Length", length);
        } else if (chunked) {
            header(head, "Transfer-Encoding", "chunked");
        }
        return head.append("\r\n").toString().getBytes(ISO_8859_1);
    }

    private static void header(StringBuilder head, String name, String value) {
        head.append(name).append(": ").append(value).append("\r\n");
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
        return (idempotent || !begun) && !discarded && !over;
    }

    /** Goes back to the beginning. */
    void rewind() {
        for (ByteBuffer part : octets) {
            part.rewind();
        }
        filled = ended || octets[DATA].hasRemaining();
        begun = false;
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
            ended(0);
            return true;
        }
        if (pooled == null) {
            pooled = exchange.getConnection().getByteBufferPool().allocate();
        }
        ByteBuffer data = pooled.getBuffer();
        discarded |= octets[DATA].limit() > 0;
        data.clear();
        int count = read(body, data);
        data.flip();
        frame(data);
        if (count < 0) {
            ended(data.remaining());
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

    private void frame(ByteBuffer data) throws IOException {
        octets[SIZE] = NOTHING;
        octets[END] = NOTHING;
        if (!data.hasRemaining()) {
            octets[DATA] = NOTHING;
            return;
        }
        octets[DATA] = data;
        if (chunked) {
            octets[SIZE] = ByteBuffer.wrap((Integer.toHexString(data.remaining()) + "\r\n").getBytes(ISO_8859_1));
            octets[END] = ByteBuffer.wrap(LINE_END);
        } else {
            left -= data.remaining();
            if (left < 0) {
                throw new IOException("the body is longer than its Content-Length");
            }
        }
    }

    /** A body that is shorter than it says would make the next request on the connection its end. */
    private void ended(int data) throws IOException {
        ended = true;
        if (left > 0) {
            throw new IOException("the body is shorter than its Content-Length");
        }
        if (chunked) {
            octets[END] = ByteBuffer.allocate(LINE_END.length + LAST_CHUNK.length)
                    .put(data > 0 ? LINE_END : new byte[0])
                    .put(LAST_CHUNK)
                    .flip();
        }
    }

    /** Returns whether all that was taken went out; waits for the upstream otherwise, and lets the client wait. */
    private boolean write() {
        UpstreamConnection to = connection;
        if (to == null) {
            return false;
        }
        try {
            while (octets[HEAD].hasRemaining()
                    || octets[DATA].hasRemaining()
                    || octets[SIZE].hasRemaining()
                    || octets[END].hasRemaining()) {
                long count = to.write(octets);
                begun |= count > 0;
                if (count == 0) {
                    return waitFor(to);
                }
            }
            if (!to.flush()) {
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
            octets[DATA] = NOTHING;
            pooled.close();
            pooled = null;
        }
    }
}
