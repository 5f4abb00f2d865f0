package io.gatepost.policy.forward;

import java.io.ByteArrayOutputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Removes gzip (RFC 1952) and deflate (RFC 1950, RFC 1951) from a body that is one such stream and nothing else: a
 * further member, or whatever follows the first, is read by some servers and not by others.
 */
final class ContentCoding {
    private static final int GZIP_HEAD = 10;
    private static final int GZIP_TAIL = 8;
    private static final int HAS_CRC = 2;
    private static final int HAS_EXTRA = 4;
    private static final int HAS_NAME = 8;
    private static final int HAS_COMMENT = 16;
    private static final int RESERVED = 0xe0;

    private final byte[] encoded;
    private final int limit;
    private int read;

    /** @param limit how long the result may be, in bytes */
    ContentCoding(byte[] encoded, int limit) {
        this.encoded = encoded;
        this.limit = limit;
    }

    byte[] gzip() throws RejectedBodyException {
        int start = startOfData();
        byte[] bytes = inflate(new Inflater(true), start);
        int tail = start + read;
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        if (encoded.length - tail != GZIP_TAIL
                || number(tail) != checksum.getValue()
                || number(tail + 4) != bytes.length) {
            throw broken();
        }
        return bytes;
    }

    /** Some clients send deflate without the zlib format that RFC 9110 section 8.4.1.2 asks for. */
    byte[] deflate() throws RejectedBodyException {
        boolean zlib = encoded.length > 1 && (octet(0) & 0x0f) == 8 && ((octet(0) << 8) | octet(1)) % 31 == 0;
        byte[] bytes = inflate(new Inflater(!zlib), 0);
        if (read != encoded.length) {
            throw broken();
        }
        return bytes;
    }

    private byte[] inflate(Inflater inflater, int start) throws RejectedBodyException {
        try {
            inflater.setInput(encoded, start, encoded.length - start);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(Math.min(limit, 4 * encoded.length));
            byte[] piece = new byte[8192];
            while (!inflater.finished()) {
                int count = inflater.inflate(piece);
                if (count == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
                    throw broken();
                }
                if (bytes.size() + count > limit) {
                    throw RequestBody.tooLarge(limit);
                }
                bytes.write(piece, 0, count);
            }
            read = (int) inflater.getBytesRead();
            return bytes.toByteArray();
        } catch (DataFormatException e) {
            throw broken();
        } finally {
            inflater.end();
        }
    }

    private int startOfData() throws RejectedBodyException {
        if (encoded.length < GZIP_HEAD + GZIP_TAIL || octet(0) != 0x1f || octet(1) != 0x8b || octet(2) != 8) {
            throw broken();
        }
        int flags = octet(3);
        if ((flags & RESERVED) != 0) {
            throw broken();
        }
        int at = GZIP_HEAD;
        if ((flags & HAS_EXTRA) != 0) {
            at = after(at + 2 + octet(at) + (octet(at + 1) << 8));
        }
        if ((flags & HAS_NAME) != 0) {
            at = afterText(at);
        }
        if ((flags & HAS_COMMENT) != 0) {
            at = afterText(at);
        }
        return (flags & HAS_CRC) == 0 ? at : after(at + 2);
    }

    private int afterText(int start) throws RejectedBodyException {
        int at = start;
        while (octet(at) != 0) {
            at++;
        }
        return at + 1;
    }

    private int after(int at) throws RejectedBodyException {
        if (at > encoded.length) {
            throw broken();
        }
        return at;
    }

    private long number(int at) throws RejectedBodyException {
        return octet(at) | (octet(at + 1) << 8) | (octet(at + 2) << 16) | ((long) octet(at + 3) << 24);
    }

    private int octet(int at) throws RejectedBodyException {
        if (at >= encoded.length) {
            throw broken();
        }
        return encoded[at] & 0xff;
    }

    static RejectedBodyException broken() {
        return new RejectedBodyException(
                400, "invalid_body", "the body is not encoded as it says, or not one encoded stream alone");
    }
}
