package io.gatepost.undertow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.gatepost.policy.forward.ForwardedRequest;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;

/** What is written to an upstream of a request: its head, and its body framed as its head says. On one I/O thread. */
final class RequestOctets {
    private static final byte[] LINE_END = {'\r', '\n'};
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(ISO_8859_1);
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private static final int HEAD = 0;
    private static final int SIZE = 1;
    private static final int DATA = 2;
    private static final int END = 3;

    private final ByteBuffer[] octets = {NOTHING, NOTHING, NOTHING, NOTHING};
    private final boolean chunked;
    private long left;
    private boolean begun;

    /** To be made before anything is read of the body. */
    RequestOctets(HttpServerExchange exchange, ForwardedRequest forwarded) {
        String length = exchange.getRequestHeaders().getFirst(Headers.CONTENT_LENGTH);
        left = length == null ? 0 : Long.parseLong(length);
        chunked = length == null && !exchange.isRequestComplete();
        RequestHead head = new RequestHead(exchange.getRequestMethod(), forwarded);
        if (length != null) {
            head.add("Content-Length", length);
        } else if (chunked) {
            head.add("Transfer-Encoding", "chunked");
        }
        octets[HEAD] = head.end();
    }

    /** Goes back to the beginning of what is there. */
    void rewind() {
        for (ByteBuffer part : octets) {
            part.rewind();
        }
        begun = false;
    }

    /** Whether there is data of the body, sent or not: taking more makes it impossible to go back. */
    boolean hasData() {
        return octets[DATA].limit() > 0;
    }

    /** Whether there is data that is still to be sent. */
    boolean isDataLeft() {
        return octets[DATA].hasRemaining();
    }

    /**
     * Takes a piece of the body, empty where nothing has come.
     *
     * @throws IOException where the body is longer than it says
     */
    void frame(ByteBuffer data) throws IOException {
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

    /**
     * Takes the body's end. A body that is shorter than it says would make the next request on the connection its end.
     *
     * @param data how many octets of it came last
     * @throws IOException where the body is shorter than it says
     */
    void end(int data) throws IOException {
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

    /** Writes all that is there; returns false where the upstream takes no more just now. */
    boolean writeTo(UpstreamConnection to) throws IOException {
        while (hasRemaining()) {
            long count = to.write(octets);
            begun |= count > 0;
            if (count == 0) {
                return false;
            }
        }
        return true;
    }

    private boolean hasRemaining() {
        return octets[HEAD].hasRemaining()
                || octets[DATA].hasRemaining()
                || octets[SIZE].hasRemaining()
                || octets[END].hasRemaining();
    }

    /** Whether anything has gone out since the beginning. */
    boolean isBegun() {
        return begun;
    }

    /** Lets the data go, whose buffer is given back. */
    void release() {
        octets[DATA] = NOTHING;
    }
}
