package io.gatepost.servlet;

import io.gatepost.policy.forward.RejectedBodyException;
import io.gatepost.policy.forward.RequestBody;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
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
        return new RequestBytes(
                Collections.list(request.getHeaders("Content-Encoding")),
                RequestBody.read(stream(request), request.getContentLengthLong(), limit));
    }

    private static InputStream stream(HttpServletRequest request) throws RejectedBodyException {
        try {
            return request.getInputStream();
        } catch (IOException | RuntimeException e) {
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
