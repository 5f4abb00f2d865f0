package io.gatepost.undertow;

import io.gatepost.policy.request.RequestTarget;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import org.jspecify.annotations.Nullable;

/** Whom a request is for (RFC 9112 section 3.2): one host, the same in the header and in an absolute target. */
final class Authority {
    private static final String HTTP = "http://";
    private static final String HTTPS = "https://";

    private Authority() {}

    /** An absolute target goes on as its path. */
    static @Nullable String problem(HttpServerExchange exchange) {
        HeaderValues hosts = exchange.getRequestHeaders().get(Headers.HOST);
        if (hosts == null || hosts.size() != 1 || !RequestTarget.isHost(hosts.getFirst())) {
            return "expected one Host header with a valid host";
        }
        if (!exchange.isHostIncludedInRequestURI()) {
            return null;
        }
        UndertowRequest request = new UndertowRequest(exchange);
        if (!isHttp(exchange.getRequestURI()) || !request.host().equalsIgnoreCase(hosts.getFirst())) {
            return "the target names another host than the Host header";
        }
        // The rest of the exchange's paths follow from it, once it is known to be sound.
        exchange.setRequestURI(request.path(), false);
        return null;
    }

    private static boolean isHttp(String url) {
        return url.regionMatches(true, 0, HTTP, 0, HTTP.length())
                || url.regionMatches(true, 0, HTTPS, 0, HTTPS.length());
    }
}
