package io.gatepost.samples.gateway.server;

import io.gatepost.policy.PolicyRequest;
import io.undertow.server.HttpHandler;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Chooses the handler of a request with the Gateway API's precedence. Immutable and thread-safe. */
final class Router {
    /** One match of one rule of one route on one listener; of equal ones the first added wins. */
    record Entry(HostPattern host, RouteMatch match, HttpHandler handler) {
        private static final Comparator<Entry> PRECEDENCE =
                Comparator.comparing(Entry::host).thenComparing(Entry::match);
    }

    /** The routes of all listeners of one hostname, and what answers where none matches. */
    private record Listener(List<Entry> entries, HttpHandler noRoute) {}

    private final Map<HostPattern, Listener> listeners = new TreeMap<>();
    private final HttpHandler noListener;

    Router(HttpHandler noListener) {
        this.noListener = noListener;
    }

    /** Adds a listener. Listeners of one hostname share their routes; the first one's {@code noRoute} counts. */
    void add(@Nullable String hostname, List<Entry> entries, HttpHandler noRoute) {
        listeners.merge(
                HostPattern.of(hostname),
                new Listener(sorted(entries), noRoute),
                (first, second) -> new Listener(sorted(both(first.entries(), second.entries())), first.noRoute()));
    }

    private static List<Entry> both(List<Entry> first, List<Entry> second) {
        List<Entry> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    private static List<Entry> sorted(List<Entry> entries) {
        return entries.stream().sorted(Entry.PRECEDENCE).toList();
    }

    /** The handler of the most specific match on the most specific listener. */
    HttpHandler handlerOf(PolicyRequest request) {
        String host = withoutPort(request.host());
        for (Map.Entry<HostPattern, Listener> listener : listeners.entrySet()) {
            if (listener.getKey().matches(host)) {
                return handlerOf(request, host, listener.getValue());
            }
        }
        return noListener;
    }

    private static HttpHandler handlerOf(PolicyRequest request, String host, Listener listener) {
        for (Entry entry : listener.entries()) {
            if (entry.host().matches(host) && entry.match().matches(request)) {
                return entry.handler();
            }
        }
        return listener.noRoute();
    }

    private static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        boolean port = colon >= 0 && host.indexOf(']', colon) < 0;
        return (port ? host.substring(0, colon) : host).toLowerCase(Locale.ROOT);
    }
}
