package io.gatepost.undertow;

import io.undertow.protocols.http2.ConnectionErrorException;
import io.undertow.protocols.http2.Http2Channel;
import java.nio.ByteBuffer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides what of a client's frames goes on to Undertow (RFC 9113): what makes sound requests, the rest as what
 * Undertow answers with a reset. A head goes on as one frame without padding and without a table, so that nothing of it
 * comes later or is read in another way; trailers, which Undertow would mix into the head that was judged, end here.
 * Used by the connection's I/O thread alone.
 */
final class Http2FrameHandler {
    private final Http2Streams streams;
    private final Http2Octets out;
    private final IntConsumer dropped;
    private final Http2Flood flood = new Http2Flood();
    private final Http2Block block;

    /** @param dropped is told how many octets of bodies nobody will read */
    Http2FrameHandler(Http2Limits limits, Http2Streams streams, Http2Octets out, IntConsumer dropped) {
        this.streams = streams;
        this.out = out;
        this.dropped = dropped;
        block = new Http2Block(limits.headerBytes());
    }

    /** Whether a head has begun, of which nothing but the next frame may come. */
    boolean isWithinHead() {
        return block.isOpen();
    }

    /** Refuses a frame that must not come now. */
    void begin(Http2Frame frame) throws ConnectionErrorException {
        if (block.isOpen() != (frame.type() == Http2Frame.CONTINUATION)
                || (block.isOpen() && block.stream() != frame.stream())
                || frame.type() == Http2Frame.PUSH_PROMISE) {
            throw new ConnectionErrorException(Http2Channel.ERROR_PROTOCOL_ERROR);
        }
    }

    /**
     * Begins to pass data on, its frame's head first.
     *
     * @param padding how many octets follow the data; negative where not even their number is told
     * @return whether the octets are to follow; otherwise nobody reads them
     */
    boolean data(Http2Frame frame, int padding) throws ConnectionErrorException {
        int stream = frame.stream();
        client(stream);
        int content = padding < 0 ? frame.length() : frame.length() - 1 - padding;
        boolean last = frame.has(Http2Frame.END_STREAM);
        if (content < 0) {
            throw new ConnectionErrorException(Http2Channel.ERROR_PROTOCOL_ERROR);
        }
        if (content == 0 && !last) {
            flood.control();
        }
        Http2Streams.Request request = streams.get(stream);
        boolean passing = request != null && !request.ended() && request.takes(content, last);
        if (passing) {
            frame.writeTo(out);
            if (padding >= 0) {
                out.put(padding);
            }
            if (last) {
                streams.ended(stream);
            }
            return true;
        }
        if (request != null) {
            reset(stream);
        }
        dropped.accept(frame.length());
        return false;
    }

    /** Takes a frame that has come to its end; of data nothing is left to do then. */
    void end(Http2Frame frame, Http2Octets payload) throws ConnectionErrorException {
        switch (frame.type()) {
            case Http2Frame.DATA -> {}
            case Http2Frame.HEADERS -> fields(block.begin(frame, payload.view()));
            case Http2Frame.CONTINUATION -> {
                flood.control();
                fields(block.goOn(frame, payload.view()));
            }
            case Http2Frame.RST_STREAM -> resetByClient(frame, payload);
            case Http2Frame.SETTINGS -> settings(frame, payload);
            case Http2Frame.PING -> ping(frame, payload);
            case Http2Frame.WINDOW_UPDATE -> window(frame, payload);
            case Http2Frame.GOAWAY -> {
                streams.resetAll();
                pass(frame, payload);
            }
            // Priorities have no use here (RFC 9113 section 5.3.2); what is not known is ignored (section 5.5).
            default -> flood.control();
        }
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

    private void resetByClient(Http2Frame frame, Http2Octets payload) throws ConnectionErrorException {
        client(frame.stream());
        size(frame, 4);
        flood.reset();
        if (streams.get(frame.stream()) != null) {
            streams.reset(frame.stream());
            pass(frame, payload);
        }
    }

    private void settings(Http2Frame frame, Http2Octets payload) throws ConnectionErrorException {
        flood.control();
        boolean answer = frame.has(Http2Frame.ACK);
        if (frame.stream() != 0) {
            throw new ConnectionErrorException(Http2Channel.ERROR_PROTOCOL_ERROR);
        }
        if ((answer && frame.length() != 0) || frame.length() % Http2Settings.LENGTH != 0) {
            throw new ConnectionErrorException(Http2Channel.ERROR_FRAME_SIZE_ERROR);
        }
        Http2Octets known = new Http2Octets();
        Http2Settings.copy(payload.view(), known);
        new Http2Frame(known.size(), Http2Frame.SETTINGS, frame.flags(), 0).writeTo(out);
        out.put(known.view());
    }

    private void ping(Http2Frame frame, Http2Octets payload) throws ConnectionErrorException {
        flood.control();
        size(frame, 8);
        if (frame.stream() != 0) {
            throw new ConnectionErrorException(Http2Channel.ERROR_PROTOCOL_ERROR);
        }
        if (!frame.has(Http2Frame.ACK)) {
            pass(frame, payload);
        }
    }

    private void window(Http2Frame frame, Http2Octets payload) throws ConnectionErrorException {
        size(frame, 4);
        if (frame.stream() != 0) {
            client(frame.stream());
        }
        if (frame.stream() == 0 || streams.get(frame.stream()) != null) {
            pass(frame, payload);
        }
    }

    private void pass(Http2Frame frame, Http2Octets payload) {
        frame.writeTo(out);
        out.put(payload.view());
    }

    /** A stream that the client opened, now or before. */
    private void client(int stream) throws ConnectionErrorException {
        if (stream % 2 == 0 || stream > streams.last()) {
            throw new ConnectionErrorException(Http2Channel.ERROR_PROTOCOL_ERROR);
        }
    }

    private static void size(Http2Frame frame, int expected) throws ConnectionErrorException {
        if (frame.length() != expected) {
            throw new ConnectionErrorException(Http2Channel.ERROR_FRAME_SIZE_ERROR);
        }
    }
}
