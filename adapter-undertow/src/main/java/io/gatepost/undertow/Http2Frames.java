package io.gatepost.undertow;

import io.undertow.protocols.http2.ConnectionErrorException;
import io.undertow.protocols.http2.Http2Channel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a client's frames and hands on only those that make sound requests (RFC 9113), the rest as what Undertow
 * answers with a reset. A head goes on as one frame without padding and without a table, so that nothing of it comes
 * later or is read in another way; trailers, which Undertow would mix into the head that was judged, end here. Used by
 * the connection's I/O thread alone.
 */
final class Http2Frames {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Http2Streams streams;
    private final int mostFrame;
    private final Http2Octets out;
    private final IntConsumer dropped;
    private final Http2Flood flood = new Http2Flood();
    private final byte[] head = new byte[Http2Frame.HEAD];
    private final Http2Octets payload = new Http2Octets();
    private final Http2Block block;

    private int prefaceRead;
    private int headRead;
    private boolean settled;
    private Http2Frame frame = new Http2Frame(0, 0, 0, 0);
    private int left;
    private boolean passing;
    private boolean padded;
    private long pendingSince;

    /** @param dropped is told how many octets of bodies nobody will read */
    Http2Frames(Http2Limits limits, Http2Streams streams, Http2Octets out, IntConsumer dropped) {
        this.streams = streams;
        this.out = out;
        this.dropped = dropped;
        block = new Http2Block(limits.headerBytes());
        mostFrame = Http2Settings.mostFrame(limits);
    }

    /** How long a head has been on its way; 0 where none is. */
    long pendingNanos() {
        return headRead == 0 && left == 0 && !block.isOpen() && prefaceRead == PREFACE.length
                ? 0
                : System.nanoTime() - pendingSince;
    }

    /** Takes all that is there. The connection ends where this throws. */
    void accept(ByteBuffer in) throws ConnectionErrorException {
        while (in.hasRemaining()) {
            if (prefaceRead < PREFACE.length) {
                preface(in.get());
            } else if (headRead < Http2Frame.HEAD) {
                head(in.get());
            } else if (padded) {
                padded = false;
                left--;
                data(in.get() & 0xff);
            } else {
                payload(in);
            }
            if (headRead == Http2Frame.HEAD && left == 0) {
                headRead = 0;
                ended();
            }
        }
    }

    private void preface(byte octet) throws ConnectionErrorException {
        if (prefaceRead == 0) {
            pendingSince = System.nanoTime();
        }
        if (octet != PREFACE[prefaceRead]) {
            throw error(Http2Channel.ERROR_PROTOCOL_ERROR);
        }
        prefaceRead++;
        out.put(octet);
    }

    private void head(byte octet) throws ConnectionErrorException {
        if (headRead == 0 && !block.isOpen()) {
            pendingSince = System.nanoTime();
        }
        head[headRead++] = octet;
        if (headRead == Http2Frame.HEAD) {
            begun(Http2Frame.of(head));
        }
    }

    private void begun(Http2Frame begun) throws ConnectionErrorException {
        frame = begun;
        left = frame.length();
        passing = false;
        if (left > mostFrame) {
            throw error(Http2Channel.ERROR_FRAME_SIZE_ERROR);
        }
        if (block.isOpen() != (frame.type() == Http2Frame.CONTINUATION)
                || (block.isOpen() && block.stream() != frame.stream())
                || (!settled && frame.type() != Http2Frame.SETTINGS)
                || frame.type() == Http2Frame.PUSH_PROMISE) {
            throw error(Http2Channel.ERROR_PROTOCOL_ERROR);
        }
        settled = true;
        if (frame.type() == Http2Frame.DATA) {
            padded = frame.has(Http2Frame.PADDED);
            if (!padded) {
                data(-1);
            } else if (left == 0) {
                throw error(Http2Channel.ERROR_FRAME_SIZE_ERROR);
            }
        }
    }

    private void payload(ByteBuffer in) {
        int part = Math.min(left, in.remaining());
        left -= part;
        if (frame.type() == Http2Frame.DATA) {
            if (passing) {
                out.put(in, part);
            } else {
                in.position(in.position() + part);
            }
        } else if (frame.type() <= Http2Frame.CONTINUATION) {
            payload.put(in, part);
        } else {
            in.position(in.position() + part);
        }
    }

    /** @param padding how many octets follow the data; negative where not even their number is told */
    private void data(int padding) throws ConnectionErrorException {
        int stream = frame.stream();
        client(stream);
        int content = padding < 0 ? frame.length() : frame.length() - 1 - padding;
        boolean last = frame.has(Http2Frame.END_STREAM);
        if (content < 0) {
            throw error(Http2Channel.ERROR_PROTOCOL_ERROR);
        }
        if (content == 0 && !last) {
            flood.control();
        }
        Http2Streams.Request request = streams.get(stream);
        if (request != null && (request.ended() || !request.takes(content, last))) {
            reset(stream);
        } else if (request != null) {
            passing = true;
            frame.writeTo(out);
            if (padding >= 0) {
                out.put(padding);
            }
            if (last) {
                streams.ended(stream);
            }
        }
        if (!passing) {
            dropped.accept(frame.length());
        }
    }

    private void ended() throws ConnectionErrorException {
        switch (frame.type()) {
            case Http2Frame.DATA -> {}
            case Http2Frame.HEADERS -> fields(block.begin(frame, payload.view()));
            case Http2Frame.CONTINUATION -> {
                flood.control();
                fields(block.goOn(frame, payload.view()));
            }
            case Http2Frame.RST_STREAM -> resetByClient();
            case Http2Frame.SETTINGS -> settings();
            case Http2Frame.PING -> ping();
            case Http2Frame.WINDOW_UPDATE -> window();
            case Http2Frame.GOAWAY -> {
                streams.resetAll();
                pass();
            }
            // Priorities have no use here (RFC 9113 section 5.3.2); what is not known is ignored (section 5.5).
            default -> flood.control();
        }
        payload.clear();
    }

    private void fields(@Nullable Http2Head fields) throws ConnectionErrorException {
        if (fields == null) {
            return;
        }
        int stream = block.stream();
        if (stream > streams.last()) {
            streams.reached(stream);
            request(fields, stream);
        } else {
            trailers(fields, stream);
        }
    }

    private void request(Http2Head fields, int stream) {
        Http2Streams.Request request = new Http2Streams.Request(fields.length(), block.endsStream());
        if (streams.isFull() || !fields.isRequest() || !request.takes(0, block.endsStream())) {
            reset(stream);
            return;
        }
        streams.open(stream, request);
        ByteBuffer encoded = fields.encoded();
        int flags = Http2Frame.END_HEADERS | (block.endsStream() ? Http2Frame.END_STREAM : 0);
        new Http2Frame(encoded.remaining(), Http2Frame.HEADERS, flags, stream).writeTo(out);
        out.put(encoded, encoded.remaining());
    }

    private void trailers(Http2Head fields, int stream) throws ConnectionErrorException {
        Http2Streams.Request request = streams.get(stream);
        if (request == null) {
            // Sent before our reset arrived.
            flood.control();
        } else if (request.ended() || !block.endsStream() || !fields.isTrailers() || !request.takes(0, true)) {
            reset(stream);
        } else {
            new Http2Frame(0, Http2Frame.DATA, Http2Frame.END_STREAM, stream).writeTo(out);
            streams.ended(stream);
        }
    }

    /** Undertow resets a stream whose window grows by nothing, also one that it does not know. */
    private void reset(int stream) {
        streams.reset(stream);
        new Http2Frame(4, Http2Frame.WINDOW_UPDATE, 0, stream).writeTo(out);
        out.putInt(0);
    }

    private void resetByClient() throws ConnectionErrorException {
        client(frame.stream());
        size(4);
        flood.reset();
        if (streams.get(frame.stream()) != null) {
            streams.reset(frame.stream());
            pass();
        }
    }

    private void settings() throws ConnectionErrorException {
        flood.control();
        boolean answer = frame.has(Http2Frame.ACK);
        if (frame.stream() != 0) {
            throw error(Http2Channel.ERROR_PROTOCOL_ERROR);
        }
        if ((answer && frame.length() != 0) || frame.length() % Http2Settings.LENGTH != 0) {
            throw error(Http2Channel.ERROR_FRAME_SIZE_ERROR);
        }
        Http2Octets known = new Http2Octets();
        Http2Settings.copy(payload.view(), known);
        new Http2Frame(known.size(), Http2Frame.SETTINGS, frame.flags(), 0).writeTo(out);
        out.put(known.view());
    }

    private void ping() throws ConnectionErrorException {
        flood.control();
        size(8);
        if (frame.stream() != 0) {
            throw error(Http2Channel.ERROR_PROTOCOL_ERROR);
        }
        if (!frame.has(Http2Frame.ACK)) {
            pass();
        }
    }

    private void window() throws ConnectionErrorException {
        size(4);
        if (frame.stream() != 0) {
            client(frame.stream());
        }
        if (frame.stream() == 0 || streams.get(frame.stream()) != null) {
            pass();
        }
    }

    private void pass() {
        frame.writeTo(out);
        out.put(payload.view());
    }

    /** A stream that the client opened, now or before. */
    private void client(int stream) throws ConnectionErrorException {
        if (stream % 2 == 0 || stream > streams.last()) {
            throw error(Http2Channel.ERROR_PROTOCOL_ERROR);
        }
    }

    private void size(int expected) throws ConnectionErrorException {
        if (frame.length() != expected) {
            throw error(Http2Channel.ERROR_FRAME_SIZE_ERROR);
        }
    }

    private static ConnectionErrorException error(int code) {
        return new ConnectionErrorException(code);
    }
}
