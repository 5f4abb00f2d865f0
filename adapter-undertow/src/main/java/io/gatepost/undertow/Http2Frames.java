package io.gatepost.undertow;

import io.undertow.protocols.http2.ConnectionErrorException;
import io.undertow.protocols.http2.Http2Channel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;

/**
 * Reads a client's octets frame by frame (RFC 9113 section 4), whatever their pieces, and hands them to what decides
 * what goes on. Used by the connection's I/O thread alone.
 */
final class Http2Frames {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Http2FrameHandler handler;
    private final int mostFrame;
    private final Http2Octets out;
    private final byte[] head = new byte[Http2Frame.HEAD];
    private final Http2Octets payload = new Http2Octets();

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
        this.out = out;
        handler = new Http2FrameHandler(limits, streams, out, dropped);
        mostFrame = Http2Settings.mostFrame(limits);
    }

    /** How long a head has been on its way; 0 where none is. */
    long pendingNanos() {
        return headRead == 0 && left == 0 && !handler.isWithinHead() && prefaceRead == PREFACE.length
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
                passing = handler.data(frame, in.get() & 0xff);
            } else {
                payload(in);
            }
            if (headRead == Http2Frame.HEAD && left == 0) {
                headRead = 0;
                handler.end(frame, payload);
                payload.clear();
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
        if (headRead == 0 && !handler.isWithinHead()) {
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
        handler.begin(frame);
        if (!settled && frame.type() != Http2Frame.SETTINGS) {
            throw error(Http2Channel.ERROR_PROTOCOL_ERROR);
        }
        settled = true;
        if (frame.type() == Http2Frame.DATA) {
            padded = frame.has(Http2Frame.PADDED);
            if (!padded) {
                passing = handler.data(frame, -1);
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

    private static ConnectionErrorException error(int code) {
        return new ConnectionErrorException(code);
    }
}
