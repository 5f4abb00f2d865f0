package io.gatepost.samples.gateway.server;

import io.gatepost.policy.PolicyRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One match of a route rule, in the order of precedence of the Gateway API: an exact path, a pattern, the longest
 * prefix, then a method, the number of headers, the number of query parameters.
 */
record RouteMatch(PathMatch path, @Nullable String method, List<ValueMatch> headers, List<ValueMatch> query)
        implements Comparable<RouteMatch> {
    private static final Comparator<RouteMatch> PRECEDENCE = Comparator.<RouteMatch, PathMatch>comparing(
                    RouteMatch::path)
            .thenComparing(match -> match.method() == null)
            .thenComparing(match -> -match.headers().size())
            .thenComparing(match -> -match.query().size());

    RouteMatch {
        headers = List.copyOf(headers);
        query = List.copyOf(query);
    }

    boolean matches(PolicyRequest request) {
        return path.matches(request.path())
                && (method == null || method.equals(request.method()))
                && headers.stream().allMatch(header -> header.matches(request.headers(header.name())))
                && query.stream().allMatch(parameter -> parameter.matches(values(request.query(), parameter.name())));
    }

    @Override
    public int compareTo(RouteMatch other) {
        return PRECEDENCE.compare(this, other);
    }

    private static List<String> values(@Nullable String query, String name) {
        List<String> values = new ArrayList<>();
        for (String pair : query == null ? new String[0] : query.split("&")) {
            int equals = pair.indexOf('=');
            if (decoded(equals < 0 ? pair : pair.substring(0, equals)).equals(name)) {
                values.add(equals < 0 ? "" : decoded(pair.substring(equals + 1)));
            }
        }
        return values.subList(0, Math.min(values.size(), 1));
    }

    /** What can't be decoded stands for itself. */
    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException undecodable) {
            return text;
        }
    }

    /** How a path is compared. */
    enum PathType {
        EXACT,
        PATTERN,
        PREFIX
    }

    /**
     * A path to compare with; letters that a client encoded needlessly count as themselves (RFC 3986 section 6.2.2.2),
     * so that an encoded letter is no way around a route's policy.
     */
    record PathMatch(PathType type, String value, @Nullable Pattern pattern) implements Comparable<PathMatch> {
        static PathMatch of(PathType type, String value) {
            String plain =
                    type == PathType.PREFIX && value.endsWith("/") ? value.substring(0, value.length() - 1) : value;
            return new PathMatch(type, plain, type == PathType.PATTERN ? Pattern.compile(value) : null);
        }

        boolean matches(String rawPath) {
            String path = normalized(rawPath);
            if (pattern != null) {
                return pattern.matcher(path).matches();
            }
            return path.equals(value) || (type == PathType.PREFIX && path.startsWith(value + "/"));
        }

        @Override
        public int compareTo(PathMatch other) {
            int kind = type.compareTo(other.type);
            return kind != 0 ? kind : Integer.compare(other.value.length(), value.length());
        }

        /** The path with needlessly encoded letters as themselves. */
        static String normalized(String path) {
            if (path.indexOf('%') < 0) {
                return path;
            }
            StringBuilder plain = new StringBuilder();
            for (int i = 0; i < path.length(); i++) {
                int octet = path.charAt(i) == '%' && i + 2 < path.length() ? octet(path, i) : -1;
                if (isUnreserved(octet)) {
                    plain.append((char) octet);
                    i += 2;
                } else {
                    plain.append(path.charAt(i));
                }
            }
            return plain.toString();
        }

        private static int octet(String path, int percent) {
            return Character.digit(path.charAt(percent + 1), 16) * 16 + Character.digit(path.charAt(percent + 2), 16);
        }

        private static boolean isUnreserved(int c) {
            return (c >= '0' && c <= '9')
                    || (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c > 0 && "-._~".indexOf(c) >= 0);
        }
    }

    /** A header or query parameter to compare with; of several headers the values count joined by commas. */
    record ValueMatch(
            String name, @Nullable String exact, @Nullable Pattern pattern) {
        boolean matches(List<String> values) {
            if (values.isEmpty()) {
                return false;
            }
            String value = String.join(",", values);
            return pattern == null
                    ? value.equals(exact)
                    : pattern.matcher(value).matches();
        }
    }
}
