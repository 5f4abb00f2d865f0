package io.gatepost.undertow;

import java.nio.ByteBuffer;

/** The head of a frame (RFC 9113 section 4.1). */
record Http2Frame(int length, int type, int flags, int stream) {
    /** How many octets a frame's head has. */
    static final int HEAD = 9;

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PUSH_PROMISE = 5;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 1;
    static final int ACK = 1;
    static final int END_HEADERS = 4;
    static final int PADDED = 8;
    static final int HAS_PRIORITY = 32;

    /** The first nine octets tell. */
    static Http2Frame of(byte[] head) {
        ByteBuffer octets = ByteBuffer.wrap(head);
        int lengthAndType = octets.getInt();
        return new Http2Frame(
                lengthAndType >>> 8, lengthAndType & 0xff, octets.get() & 0xff, octets.getInt() & 0x7fff_ffff);
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    void writeTo(Http2Octets out) {
        out.putInt((length << 8) | type);
        out.put(flags);
        out.putInt(stream);
    }
}
