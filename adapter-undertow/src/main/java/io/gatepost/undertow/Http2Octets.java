package io.gatepost.undertow;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Octets that wait to be read; as many as are put. Not thread-safe. */
final class Http2Octets {
    private static final int KEPT = 4096;

    private byte[] octets = new byte[0];
    private int from;
    private int to;

    boolean isEmpty() {
        return from == to;
    }

    int size() {
        return to - from;
    }

    void put(int octet) {
        room(1);
        octets[to++] = (byte) octet;
    }

    void putInt(int value) {
        put(value >>> 24);
        put(value >>> 16);
        put(value >>> 8);
        put(value);
    }

    void put(byte[] source, int offset, int length) {
        room(length);
        System.arraycopy(source, offset, octets, to, length);
        to += length;
    }

    void put(ByteBuffer source, int length) {
        room(length);
        source.get(octets, to, length);
        to += length;
    }

    void put(ByteBuffer source) {
        put(source, source.remaining());
    }

    /** The octets that wait, not to be changed. */
    ByteBuffer view() {
        return ByteBuffer.wrap(octets, from, to - from);
    }

    int takeInto(ByteBuffer target) {
        int count = Math.min(target.remaining(), size());
        target.put(octets, from, count);
        from += count;
        if (isEmpty()) {
            clear();
        }
        return count;
    }

    void clear() {
        from = 0;
        to = 0;
        if (octets.length > KEPT) {
            octets = new byte[0];
        }
    }

    private void room(int more) {
        if (octets.length - to >= more) {
            return;
        }
        if (from > 0) {
            System.arraycopy(octets, from, octets, 0, size());
            to -= from;
            from = 0;
        }
        if (octets.length - to < more) {
            octets = Arrays.copyOf(octets, Math.max(to + more, Math.max(256, octets.length * 2)));
        }
    }
}
