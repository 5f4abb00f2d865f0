package io.gatepost.undertow;

import io.gatepost.policy.request.RequestTarget;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Whom a request is for (RFC 9112 section 3.2): one host, the same in the header and in an absolute target. */
final class Authority {
    private static final Pattern ABSOLUTE = Pattern.compile("(?i:https?)://([^/]*)(/.*)?");

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
        Matcher target = ABSOLUTE.matcher(exchange.getRequestURI());
        if (!target.matches() || !target.group(1).equalsIgnoreCase(hosts.getFirst())) {
            return "the target names another host than the Host header";
        }
        String path = target.group(2) == null ? "/" : target.group(2);
        // The rest of the exchange's paths follow from it, once it is known to be sound.
        exchange.setRequestURI(path, false);
        return null;
    }
}
