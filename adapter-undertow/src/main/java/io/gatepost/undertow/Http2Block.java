package io.gatepost.undertow;

import io.undertow.protocols.http2.ConnectionErrorException;
import io.undertow.protocols.http2.HpackDecoder;
import io.undertow.protocols.http2.HpackException;
import io.undertow.protocols.http2.Http2Channel;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Fields that come in one frame or several (RFC 9113 section 4.3): read once they are whole. Not thread-safe. */
final class Http2Block {
    private static final int PRIORITY = 5;

    private final HpackDecoder decoder = new HpackDecoder(Http2Settings.TABLE_BYTES);
    private final Http2Octets octets = new Http2Octets();
    private final int mostBytes;
    private boolean open;
    private int stream;
    private boolean endsStream;

    Http2Block(int mostBytes) {
        this.mostBytes = mostBytes;
    }

    /** Whether more of it has to come, and nothing else may. */
    boolean isOpen() {
        return open;
    }

    /** Whose fields they are. */
    int stream() {
        return stream;
    }

    /** Whether they are the last of their stream. */
    boolean endsStream() {
        return endsStream;
    }

    /** Takes a HEADERS frame; the fields once they are whole. */
    @Nullable
    Http2Head begin(Http2Frame frame, ByteBuffer payload) throws ConnectionErrorException {
        int padding = 0;
        if (frame.has(Http2Frame.PADDED)) {
            padding = payload.hasRemaining() ? payload.get() & 0xff : Integer.MAX_VALUE;
        }
        int priority = frame.has(Http2Frame.HAS_PRIORITY) ? PRIORITY : 0;
        if (frame.stream() % 2 == 0 || payload.remaining() < (long) priority + padding) {
            throw new ConnectionErrorException(Http2Channel.ERROR_PROTOCOL_ERROR);
        }
        payload.position(payload.position() + priority);
        payload.limit(payload.limit() - padding);
        open = true;
        stream = frame.stream();
        endsStream = frame.has(Http2Frame.END_STREAM);
        return goOn(frame, payload);
    }

    /** Takes what is in another frame; the fields once they are whole. */
    @Nullable
    Http2Head goOn(Http2Frame frame, ByteBuffer fragment) throws ConnectionErrorException {
        if (octets.size() + fragment.remaining() > 2L * mostBytes) {
            throw new ConnectionErrorException(Http2Channel.ERROR_ENHANCE_YOUR_CALM);
        }
        octets.put(fragment, fragment.remaining());
        if (!frame.has(Http2Frame.END_HEADERS)) {
            return null;
        }
        open = false;
        Http2Head fields = new Http2Head(mostBytes);
        try {
            fields.decode(decoder, octets.view());
        } catch (HpackException | RuntimeException e) {
            throw new ConnectionErrorException(Http2Channel.ERROR_COMPRESSION_ERROR);
        }
        octets.clear();
        return fields;
    }
}
