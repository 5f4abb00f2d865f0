package io.gatepost.routes;

import io.gatepost.routes.RouteMatch.PathMatch;
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
final class PathTable<T> {
    private final Map<String, List<Router.Entry<T>>> exact = new HashMap<>();
    private final Map<String, List<Router.Entry<T>>> prefixes = new HashMap<>();
    private final List<Router.Entry<T>> patterns = new ArrayList<>();
    private int longestPrefix;

    /** Adds a match; of equal ones the first added wins. */
    void add(Router.Entry<T> entry) {
        PathMatch path = entry.match().path();
        List<Router.Entry<T>> entries = switch (path.type()) {
            case EXACT -> exact.computeIfAbsent(path.value(), value -> new ArrayList<>());
            case PREFIX -> prefixes.computeIfAbsent(path.value(), value -> new ArrayList<>());
            case PATTERN -> patterns;
        };
        if (path.type() == RouteMatch.PathType.PREFIX) {
            longestPrefix = Math.max(longestPrefix, path.value().length());
        }
        entries.add(entry);
        entries.sort(Comparator.comparing(Router.Entry<T>::match));
    }

    /** What belongs to the match that comes first by the Gateway API's precedence; null where none matches. */
    @Nullable
    T of(RoutedRequest request) {
        String path = request.path();
        T target = first(exact.getOrDefault(path, List.of()), request);
        if (target == null) {
            target = first(patterns, request);
        }
        // No prefix is longer: a path of slashes is not cut once for each of them.
        int end = path.length() <= longestPrefix ? path.length() : path.lastIndexOf('/', longestPrefix);
        for (; target == null && end >= 0; end = path.lastIndexOf('/', end - 1)) {
            target = first(prefixes.getOrDefault(path.substring(0, end), List.of()), request);
        }
        return target;
    }

    private static <T> @Nullable T first(List<Router.Entry<T>> entries, RoutedRequest request) {
        for (Router.Entry<T> entry : entries) {
            if (entry.match().matches(request)) {
                return entry.target();
            }
        }
        return null;
    }
}
