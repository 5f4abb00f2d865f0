package io.gatepost.samples.gateway.server;

import io.gatepost.samples.gateway.server.RouteMatch.PathMatch;
import io.undertow.server.HttpHandler;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The matches of one hostname, found by as many look-ups as a path has segments; patterns are tried one by one.
 * Thread-safe once it is filled.
 */
final class PathTable {
    private final Map<String, List<Router.Entry>> exact = new HashMap<>();
    private final Map<String, List<Router.Entry>> prefixes = new HashMap<>();
    private final List<Router.Entry> patterns = new ArrayList<>();
    private int longestPrefix;

    /** Adds a match; of equal ones the first added wins. */
    void add(Router.Entry entry) {
        PathMatch path = entry.match().path();
        List<Router.Entry> entries = switch (path.type()) {
            case EXACT -> exact.computeIfAbsent(path.value(), value -> new ArrayList<>());
            case PREFIX -> prefixes.computeIfAbsent(path.value(), value -> new ArrayList<>());
            case PATTERN -> patterns;
        };
        if (path.type() == RouteMatch.PathType.PREFIX) {
            longestPrefix = Math.max(longestPrefix, path.value().length());
        }
        entries.add(entry);
        entries.sort(Comparator.comparing(Router.Entry::match));
    }

    /** The handler of the match that comes first by the Gateway API's precedence; null where none matches. */
    @Nullable
    HttpHandler handlerOf(RoutedRequest request) {
        String path = request.path();
        HttpHandler handler = first(exact.getOrDefault(path, List.of()), request);
        if (handler == null) {
            handler = first(patterns, request);
        }
        // No prefix is longer: a path of slashes is not cut once for each of them.
        int end = path.length() <= longestPrefix ? path.length() : path.lastIndexOf('/', longestPrefix);
        for (; handler == null && end >= 0; end = path.lastIndexOf('/', end - 1)) {
            handler = first(prefixes.getOrDefault(path.substring(0, end), List.of()), request);
        }
        return handler;
    }

    private static @Nullable HttpHandler first(List<Router.Entry> entries, RoutedRequest request) {
        for (Router.Entry entry : entries) {
            if (entry.match().matches(request)) {
                return entry.handler();
            }
        }
        return null;
    }
}
