package io.gatepost.samples.gateway.server;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.request.RequestTarget;
import io.undertow.server.HttpHandler;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the handler of a request with the Gateway API's precedence. How long that takes does not depend on how many
 * routes there are. Thread-safe once it is filled.
 */
final class Router {
    /** One match of one rule of one route on one listener; of equal ones the first added wins. */
    record Entry(HostPattern host, RouteMatch match, HttpHandler handler) {}

    /** The routes of all listeners of one hostname, and what answers where none matches. */
    private record Listener(HostTable<PathTable> routes, HttpHandler noRoute) {}

    static final ErrorResponse NO_ROUTE = ErrorResponse.of(404, "route_not_found", "no route takes this request");
    static final ErrorResponse TOO_LONG = ErrorResponse.of(
            414, "request_malformed", "the path, the query or a header is longer than what routes look at");

    private final HostTable<Listener> listeners = new HostTable<>();
    private final HttpHandler noListener;
    private final HttpHandler tooLong;

    /** @param noListener takes what no listener takes */
    Router(HttpHandler noListener) {
        this(noListener, exchange -> Responses.send(exchange, TOO_LONG));
    }

    /** @param tooLong takes what is so long that not every pattern could be looked at */
    Router(HttpHandler noListener, HttpHandler tooLong) {
        this.noListener = noListener;
        this.tooLong = tooLong;
    }

    /** Adds a listener. Listeners of one hostname share their routes; the first one's {@code noRoute} counts. */
    void add(@Nullable String hostname, List<Entry> entries, HttpHandler noRoute) {
        Listener listener = listeners.at(HostPattern.of(hostname), () -> new Listener(new HostTable<>(), noRoute));
        entries.forEach(
                entry -> listener.routes().at(entry.host(), PathTable::new).add(entry));
    }

    /** The handler of the most specific match on the most specific listener. */
    HttpHandler handlerOf(PolicyRequest request) {
        String host = hostname(request.host());
        RoutedRequest routed = new RoutedRequest(request);
        HttpHandler handler = listeners.first(host, listener -> handlerOf(routed, host, listener));
        // A guarded route may be among those that were not asked.
        return routed.isTooLong() ? tooLong : handler == null ? noListener : handler;
    }

    private static HttpHandler handlerOf(RoutedRequest request, String host, Listener listener) {
        HttpHandler handler = listener.routes().first(host, paths -> paths.handlerOf(request));
        return handler == null ? listener.noRoute() : handler;
    }

    /** Without the port, and without the dot of the root: a name with it is the same host (RFC 3986 section 3.2.2). */
    private static String hostname(String authority) {
        String host = RequestTarget.hostName(authority);
        boolean rooted = host.length() > 1 && host.endsWith(".");
        return (rooted ? host.substring(0, host.length() - 1) : host).toLowerCase(Locale.ROOT);
    }
}
