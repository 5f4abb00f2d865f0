package io.gatepost.samples.gateway.server;

import io.gatepost.policy.PolicyRequest;
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

    private final HostTable<Listener> listeners = new HostTable<>();
    private final HttpHandler noListener;

    Router(HttpHandler noListener) {
        this.noListener = noListener;
    }

    /** Adds a listener. Listeners of one hostname share their routes; the first one's {@code noRoute} counts. */
    void add(@Nullable String hostname, List<Entry> entries, HttpHandler noRoute) {
        Listener listener = listeners.at(HostPattern.of(hostname), () -> new Listener(new HostTable<>(), noRoute));
        entries.forEach(
                entry -> listener.routes().at(entry.host(), PathTable::new).add(entry));
    }

    /** The handler of the most specific match on the most specific listener. */
    HttpHandler handlerOf(PolicyRequest request) {
        String host = withoutPort(request.host());
        HttpHandler handler = listeners.first(host, listener -> handlerOf(request, host, listener));
        return handler == null ? noListener : handler;
    }

    private static HttpHandler handlerOf(PolicyRequest request, String host, Listener listener) {
        HttpHandler handler = listener.routes().first(host, paths -> paths.handlerOf(request));
        return handler == null ? listener.noRoute() : handler;
    }

    private static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        boolean port = colon >= 0 && host.indexOf(']', colon) < 0;
        return (port ? host.substring(0, colon) : host).toLowerCase(Locale.ROOT);
    }
}
