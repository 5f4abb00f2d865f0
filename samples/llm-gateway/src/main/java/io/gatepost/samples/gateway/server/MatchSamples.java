package io.gatepost.samples.gateway.server;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.request.RequestBuilder;
import io.gatepost.samples.gateway.server.RouteMatch.PathType;
import io.gatepost.samples.gateway.server.RouteMatch.ValueMatch;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Requests that a match takes: at its path and one level below it, with what else it demands. Of a pattern its literal
 * start is asked for; a pattern of alternatives has none.
 */
final class MatchSamples {
    /** No name that a manifest is likely to give to a host, a path or a method of its own. */
    private static final String ANY = "any";

    /** What is usual, what a browser sends, and what a list of the two would leave out. */
    private static final List<String> METHODS = List.of("POST", "GET", "DELETE");

    private static final Pattern LITERAL_START =
            Pattern.compile("\\^?((?:[\\w/ ~%@:=&-]|\\\\[.\\-/])*)(.?)", Pattern.DOTALL);

    private MatchSamples() {}

    /** The requests; none where the match is a pattern of which nothing is known. */
    static List<PolicyRequest> of(HostPattern host, RouteMatch match) {
        List<String> methods = match.method() == null ? METHODS : List.of(match.method());
        String query = match.query().stream()
                .map(value -> encoded(value.name()) + "=" + encoded(value(value)))
                .collect(Collectors.joining("&"));
        String authority = host(host);
        return paths(match.path())
                .flatMap(path -> methods.stream()
                        .map(method -> request(method, authority, path + (query.isEmpty() ? "" : "?" + query), match)))
                .flatMap(Stream::ofNullable)
                .toList();
    }

    private static @Nullable PolicyRequest request(String method, String host, String target, RouteMatch match) {
        try {
            RequestBuilder request = PolicyRequest.builder(method, "http://" + host + target);
            match.headers().forEach(header -> request.header(header.name(), value(header)));
            return request.build();
        } catch (IllegalArgumentException noRequest) {
            // No client can send it either.
            return null;
        }
    }

    /** A host that the pattern takes. */
    static String host(HostPattern host) {
        if (host.text().isEmpty()) {
            return ANY + ".host";
        }
        return host.isWildcard() ? ANY + host.text().substring(1) : host.text();
    }

    private static Stream<String> paths(RouteMatch.PathMatch path) {
        String value = path.value();
        if (path.type() == PathType.EXACT) {
            return Stream.of(value.isEmpty() ? "/" : value);
        }
        if (path.type() == PathType.PREFIX) {
            return Stream.of(value.isEmpty() ? "/" : value, value + "/" + ANY);
        }
        String start = literalStart(value);
        return start.startsWith("/") ? Stream.of(start, start + ANY, start + "/" + ANY) : Stream.of();
    }

    private static String value(ValueMatch match) {
        return match.exact() != null ? match.exact() : literalStart(String.valueOf(match.pattern()));
    }

    /** What every text begins with that a pattern matches; empty where that is not plain to see. */
    static String literalStart(String pattern) {
        Matcher start = LITERAL_START.matcher(pattern);
        if (pattern.indexOf('|') >= 0 || !start.lookingAt()) {
            return "";
        }
        String literal = start.group(1).replace("\\", "");
        boolean lastIsOptional = !literal.isEmpty() && !start.group(2).isEmpty() && "?*{".contains(start.group(2));
        return lastIsOptional ? literal.substring(0, literal.length() - 1) : literal;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
