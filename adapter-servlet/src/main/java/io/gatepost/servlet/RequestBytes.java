package io.gatepost.servlet;

import io.gatepost.policy.forward.RejectedBodyException;
import io.gatepost.policy.forward.RequestBody;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Collections;
import java.util.List;

/** A request's body as it came, read whole. */
final class RequestBytes {
    private final List<String> encodings;
    private final byte[] bytes;

    private RequestBytes(List<String> encodings, byte[] bytes) {
        this.encodings = encodings;
        this.bytes = bytes;
    }

    /**
     * Reads the body.
     *
     * @throws RejectedBodyException 413 beyond the limit, 400 where it is not framed as it says
     */
    static RequestBytes read(HttpServletRequest request, int limit) throws RejectedBodyException {
        if (request.getContentLengthLong() > limit) {
            throw RequestBody.tooLarge(limit);
        }
        byte[] bytes = readUpTo(request, limit + 1L);
        if (bytes.length > limit) {
            throw RequestBody.tooLarge(limit);
        }
        return new RequestBytes(Collections.list(request.getHeaders("Content-Encoding")), bytes);
    }

    private static byte[] readUpTo(HttpServletRequest request, long count) throws RejectedBodyException {
        try {
            return request.getInputStream().readNBytes((int) Math.min(count, Integer.MAX_VALUE - 8L));
        } catch (IOException e) {
            throw RequestBody.broken();
        } catch (RuntimeException e) {
            // Jetty tells bad chunks so.
            throw RequestBody.broken();
        }
    }

    byte[] asTheyCame() {
        return bytes;
    }

    /** The body without its encodings. */
    byte[] decoded(int limit) throws RejectedBodyException {
        return RequestBody.decode(bytes, encodings, limit);
    }
}
