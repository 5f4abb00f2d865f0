package io.gatepost.undertow;

import io.undertow.protocols.http2.Http2Channel;
import java.nio.ByteBuffer;

/** What a client asks for (RFC 9113 section 6.5.2). */
final class Http2Settings {
    /** How many octets a setting has. */
    static final int LENGTH = 6;

    /** How long a table of fields is unless something else is agreed on, in octets. */
    static final int TABLE_BYTES = 4096;

    private static final int HEADER_TABLE_SIZE = 1;
    private static final int MAX_FRAME_SIZE = 5;

    private Http2Settings() {}

    /** So long that the longest head is one frame. */
    static int mostFrame(Http2Limits limits) {
        return Math.min(
                Math.max(Http2Channel.DEFAULT_MAX_FRAME_SIZE, limits.headerBytes()), Http2Channel.MAX_FRAME_SIZE);
    }

    /** The table that Undertow encodes by follows the client, but not beyond the usual length. */
    static void copy(ByteBuffer asked, Http2Octets known) {
        while (asked.remaining() >= LENGTH) {
            int id = asked.getShort();
            int value = asked.getInt();
            boolean tableTooLarge = id == HEADER_TABLE_SIZE && (value < 0 || value > TABLE_BYTES);
            if (id >= HEADER_TABLE_SIZE && id <= MAX_FRAME_SIZE) {
                known.put(0);
                known.put(id);
                known.putInt(tableTooLarge ? TABLE_BYTES : value);
            }
        }
    }
}
