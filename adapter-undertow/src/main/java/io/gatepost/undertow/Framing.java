package io.gatepost.undertow;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where a body ends (RFC 9112 section 6): by one length or by chunks, and never by what only some would understand. */
final class Framing {
    /** What fits a signed 64-bit number in every implementation. */
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

    private Framing() {}

    static @Nullable String problem(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getRequestHeaders();
        HeaderValues lengths = headers.get(Headers.CONTENT_LENGTH);
        if (lengths != null
                && (lengths.size() > 1 || !LENGTH.matcher(lengths.getFirst()).matches())) {
            return "expected one Content-Length, a number";
        }
        if (lengths != null && exchange.isRequestComplete() && exchange.getRequestContentLength() > 0) {
            return "the body is missing that Content-Length announces";
        }
        HeaderValues codings = headers.get(Headers.TRANSFER_ENCODING);
        if (codings == null) {
            return null;
        }
        if (lengths != null || !exchange.isHttp11()) {
            return "Transfer-Encoding stands beside Content-Length, or in HTTP/1.0";
        }
        return codings.size() == 1 && codings.getFirst().equalsIgnoreCase("chunked")
                ? null
                : "expected no other Transfer-Encoding than `chunked`";
    }
}
