package io.gatepost.undertow;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;

/** What of a request's framing only the server can see; the rest is {@link io.gatepost.policy.forward.Entry}'s. */
final class Framing {
    private Framing() {}

    static boolean isBodyMissing(HttpServerExchange exchange) {
        return exchange.getRequestHeaders().contains(Headers.CONTENT_LENGTH)
                && exchange.isRequestComplete()
                && exchange.getRequestContentLength() > 0;
    }
}
