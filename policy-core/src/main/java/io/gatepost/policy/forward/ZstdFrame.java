package io.gatepost.policy.forward;

import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes zstd (RFC 8878) from a body that is one frame and nothing else. What the frame is made of is walked through
 * before: no further frame, no skippable one, no dictionary, no older format, nothing behind it.
 */
final class ZstdFrame {
    private static final Logger LOG = LoggerFactory.getLogger(RequestBody.class);
    private static final AtomicBoolean TOLD = new AtomicBoolean();
    private static final int MAGIC = 0xfd2fb528;
    private static final int HAS_ONE_SEGMENT = 0x20;
    private static final int RESERVED = 0x08;
    private static final int HAS_CHECKSUM = 0x04;
    private static final int DICTIONARY = 0x03;
    private static final int BLOCK_HEAD = 3;
    private static final int CHECKSUM = 4;
    private static final int RUN = 1;
    private static final int RESERVED_BLOCK = 3;

    private final byte[] encoded;
    private final int limit;

    /** @param limit how long the result may be, in bytes */
    ZstdFrame(byte[] encoded, int limit) {
        this.encoded = encoded;
        this.limit = limit;
    }

    byte[] decode() throws RejectedBodyException {
        long size = check();
        if (size > limit) {
            throw RequestBody.tooLarge(limit);
        }
        try {
            return new ZstdDecoder(encoded, limit).decode(size);
        } catch (LinkageError absent) {
            if (!TOLD.getAndSet(true)) {
                LOG.warn(
                        "bodies in zstd are refused, since com.github.luben:zstd-jni is not on the class path, or its"
                                + " library can't be loaded: {}",
                        absent.toString());
            }
            throw RequestBody.unsupported("expected a body without an encoding, or one in gzip or deflate");
        }
    }

    /** Walks through the frame; the size that it says its content has, negative where it says none. */
    private long check() throws RejectedBodyException {
        if (number(0, 4) != (MAGIC & 0xffffffffL)) {
            throw ContentCoding.broken();
        }
        int descriptor = (int) number(4, 1);
        boolean oneSegment = (descriptor & HAS_ONE_SEGMENT) != 0;
        if ((descriptor & (RESERVED | DICTIONARY)) != 0) {
            throw ContentCoding.broken();
        }
        int at = oneSegment ? 5 : 6;
        int flag = descriptor >>> 6;
        int length = flag == 0 ? (oneSegment ? 1 : 0) : 1 << flag;
        long size = length == 0 ? -1 : number(at, length) + (length == 2 ? 256 : 0);
        at = endOfBlocks(at + length) + ((descriptor & HAS_CHECKSUM) != 0 ? CHECKSUM : 0);
        if (at != encoded.length) {
            throw ContentCoding.broken();
        }
        // Beyond 63 bits.
        return length > 0 && size < 0 ? Long.MAX_VALUE : size;
    }

    private int endOfBlocks(int start) throws RejectedBodyException {
        int at = start;
        while (true) {
            int head = (int) number(at, BLOCK_HEAD);
            int type = (head >>> 1) & 3;
            int size = type == RUN ? 1 : head >>> 3;
            if (type == RESERVED_BLOCK || size > encoded.length - at - BLOCK_HEAD) {
                throw ContentCoding.broken();
            }
            at += BLOCK_HEAD + size;
            if ((head & 1) != 0) {
                return at;
            }
        }
    }

    /** An unsigned number in little-endian order. */
    private long number(int at, int length) throws RejectedBodyException {
        if (at + length > encoded.length) {
            throw ContentCoding.broken();
        }
        long number = 0;
        for (int i = length - 1; i >= 0; i--) {
            number = (number << 8) | (encoded[at + i] & 0xff);
        }
        return number;
    }
}
