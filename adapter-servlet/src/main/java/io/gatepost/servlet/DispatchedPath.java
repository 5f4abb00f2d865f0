package io.gatepost.servlet;

import io.gatepost.policy.request.RequestTarget;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The path by which a container chooses filters and servlets. It is decoded, and differs from container to container:
 * path parameters are dropped, empty segments joined, escapes that are no UTF-8 replaced. Written again as a path of
 * RFC 3986, it must be the one that rules see.
 */
final class DispatchedPath {
    private DispatchedPath() {}

    /** Whether the container dispatches by the path that the client has sent, in its normal form. */
    static boolean isWhatWasSent(HttpServletRequest request) {
        return RequestTarget.normalPath(request.getRequestURI()).equals(of(request));
    }

    /** Null where it can't be told. */
    private static @Nullable String of(HttpServletRequest request) {
        String context = request.getContextPath();
        if (context.indexOf(';') >= 0) {
            return null;
        }
        try {
            String info = request.getPathInfo();
            // The context's path is the one part that containers give as it came.
            return RequestTarget.encodedPath(URLDecoder.decode(context.replace("+", "%2B"), StandardCharsets.UTF_8))
                    + RequestTarget.encodedPath(request.getServletPath() + (info == null ? "" : info));
        } catch (IllegalArgumentException e) {
            // So Jetty tells a path that it finds ambiguous.
            return null;
        }
    }
}
