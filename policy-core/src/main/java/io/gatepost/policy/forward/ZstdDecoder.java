package io.gatepost.policy.forward;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.util.Arrays;

/**
 * Decodes one frame at once, into an array of at most the limit: so the decoder needs no window of the size that a
 * frame may claim. Apart from {@link ZstdFrame}, since it can't be loaded where the library is absent.
 */
final class ZstdDecoder {
    private static final int FIRST_GUESS = 8;
    private static final int SMALLEST = 1024;

    private final byte[] encoded;
    private final int limit;

    ZstdDecoder(byte[] encoded, int limit) {
        this.encoded = encoded;
        this.limit = limit;
    }

    /** @param size what the frame says; negative where it says nothing */
    byte[] decode(long size) throws RejectedBodyException {
        try {
            byte[] plain = size < 0 ? decodeUpToLimit() : decode(new byte[(int) size]);
            if (size >= 0 && plain.length != size) {
                throw ContentCoding.broken();
            }
            return plain;
        } catch (ZstdException e) {
            throw ContentCoding.broken();
        }
    }

    /** Tries larger and larger arrays, which takes twice the time of the last one at most. */
    private byte[] decodeUpToLimit() throws RejectedBodyException {
        for (long size = Math.max(SMALLEST, (long) FIRST_GUESS * encoded.length); ; size *= 2) {
            try {
                return decode(new byte[(int) Math.min(limit, size)]);
            } catch (ZstdException e) {
                if (e.getErrorCode() != Zstd.errDstSizeTooSmall()) {
                    throw e;
                }
            }
            if (size >= limit) {
                throw RequestBody.tooLarge(limit);
            }
        }
    }

    private byte[] decode(byte[] plain) {
        try (ZstdDecompressCtx decoder = new ZstdDecompressCtx()) {
            int count = decoder.decompressByteArray(plain, 0, plain.length, encoded, 0, encoded.length);
            return count == plain.length ? plain : Arrays.copyOf(plain, count);
        }
    }
}
