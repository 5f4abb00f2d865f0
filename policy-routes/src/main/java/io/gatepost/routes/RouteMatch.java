package io.gatepost.routes;

import io.gatepost.policy.expression.PatternCompiler.Pattern;
import io.gatepost.policy.request.RequestTarget;
import io.gatepost.routes.manifest.HttpRoute;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One match of a route rule, in the order of precedence of the Gateway API: an exact path, a pattern, the longest
 * prefix, then a method, the number of headers, the number of query parameters. Immutable.
 *
 * @param path its path
 * @param method its method; null for every method
 * @param headers its headers
 * @param query its query parameters
 */
public record RouteMatch(PathMatch path, @Nullable String method, List<ValueMatch> headers, List<ValueMatch> query)
        implements Comparable<RouteMatch> {
    private static final Comparator<RouteMatch> PRECEDENCE = Comparator.<RouteMatch, PathMatch>comparing(
                    RouteMatch::path)
            .thenComparing(match -> match.method() == null)
            .thenComparing(match -> -match.headers().size())
            .thenComparing(match -> -match.query().size());

    public RouteMatch {
        Objects.requireNonNull(path, "path");
        headers = List.copyOf(headers);
        query = List.copyOf(query);
    }

    /**
     * A match as requests are compared with it.
     *
     * @param written the match as a document has it
     * @return the match, its path in normal form
     */
    public static RouteMatch of(HttpRoute.Match written) {
        return new RouteMatch(
                PathMatch.of(written.path()),
                written.method(),
                written.headers().stream().map(ValueMatch::of).toList(),
                written.queryParams().stream().map(ValueMatch::of).toList());
    }

    boolean matches(RoutedRequest request) {
        return path.matches(request)
                && (method == null || method.equals(request.method()))
                && (headers.isEmpty() || headersMatch(request))
                && (query.isEmpty() || queryMatches(request));
    }

    private boolean headersMatch(RoutedRequest request) {
        return headers.stream().allMatch(header -> header.matches(request, request.header(header.name())));
    }

    private boolean queryMatches(RoutedRequest request) {
        return query.stream().allMatch(parameter -> parameter.matches(request, request.parameter(parameter.name())));
    }

    @Override
    public int compareTo(RouteMatch other) {
        return PRECEDENCE.compare(this, other);
    }

    /** How a path is compared. */
    public enum PathType {
        /** The whole path. */
        EXACT,
        /** A pattern that the whole path matches. */
        PATTERN,
        /** Whole segments at its start. */
        PREFIX
    }

    /**
     * A path to compare with, in normal form as requests' paths are.
     *
     * @param type how it is compared
     * @param value the path, or the text of the pattern
     * @param pattern the pattern; null unless the type is {@link PathType#PATTERN}
     */
    public record PathMatch(
            PathType type, String value, @Nullable Pattern pattern) implements Comparable<PathMatch> {
        static PathMatch of(HttpRoute.PathMatch written) {
            return switch (written.type()) {
                case EXACT -> of(PathType.EXACT, written.value());
                case PATH_PREFIX -> of(PathType.PREFIX, written.value());
                case REGULAR_EXPRESSION -> new PathMatch(PathType.PATTERN, written.value(), written.compiled());
            };
        }

        /** An exact path or a prefix. */
        static PathMatch of(PathType type, String value) {
            String plain =
                    type == PathType.PREFIX && value.endsWith("/") ? value.substring(0, value.length() - 1) : value;
            return new PathMatch(type, RequestTarget.normalPath(plain), null);
        }

        boolean matches(RoutedRequest request) {
            String path = request.path();
            return pattern == null
                    ? path.equals(value) || (type == PathType.PREFIX && isBelow(path))
                    : request.matches(pattern, path);
        }

        private boolean isBelow(String path) {
            return path.startsWith(value) && path.startsWith("/", value.length());
        }

        @Override
        public int compareTo(PathMatch other) {
            int kind = type.compareTo(other.type);
            return kind != 0 ? kind : Integer.compare(other.value.length(), value.length());
        }
    }

    /**
     * A header or query parameter to compare with; of several headers the values count joined by commas.
     *
     * @param name its name
     * @param exact its value; null where there is a pattern
     * @param pattern what its whole value matches; null where there is a value
     */
    public record ValueMatch(
            String name, @Nullable String exact, @Nullable Pattern pattern) {
        static ValueMatch of(HttpRoute.ValueMatch written) {
            return new ValueMatch(written.name(), written.pattern() ? null : written.value(), written.compiled());
        }

        private boolean matches(RoutedRequest request, @Nullable String value) {
            return value != null && (pattern == null ? value.equals(exact) : request.matches(pattern, value));
        }
    }
}
