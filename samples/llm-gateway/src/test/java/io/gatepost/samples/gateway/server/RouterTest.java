package io.gatepost.samples.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.cel.LinearRegex;
import io.gatepost.policy.expression.InvalidExpressionException;
import io.gatepost.samples.gateway.server.RouteMatch.PathMatch;
import io.gatepost.samples.gateway.server.RouteMatch.PathType;
import io.gatepost.samples.gateway.server.RouteMatch.ValueMatch;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RouterTest {
    private static final RouteMatch EVERYTHING = prefix("/");

    /** A handler that is only ever compared. */
    private record Named(String name) implements HttpHandler {
        @Override
        public void handleRequest(HttpServerExchange exchange) {
            throw new UnsupportedOperationException();
        }
    }

    private final List<Router.Entry> entries = new ArrayList<>();

    @Test
    void answersWithNoRouteWhereNothingMatches() {
        route("a", "a.example", prefix("/v1"));

        assertThat(chosen("GET", "http://a.example/v2")).isEqualTo("no route");
        assertThat(chosen("GET", "http://b.example/v1")).isEqualTo("no route");
    }

    @Test
    void comparesPrefixesByWholeSegments() {
        route("v1", "", prefix("/v1"));
        route("slash", "", prefix("/slash/"));

        assertThat(chosen("GET", "http://h/v1")).isEqualTo("v1");
        assertThat(chosen("GET", "http://h/v1/")).isEqualTo("v1");
        assertThat(chosen("GET", "http://h/v1/models")).isEqualTo("v1");
        assertThat(chosen("GET", "http://h/v10")).isEqualTo("no route");
        assertThat(chosen("GET", "http://h/V1")).isEqualTo("no route");
        assertThat(chosen("GET", "http://h/slash")).isEqualTo("slash");
    }

    @Test
    void prefersExactHostsThenTheLongestWildcardThenAnyHost() {
        route("any", "", EVERYTHING);
        route("short", "*.example", EVERYTHING);
        route("long", "*.a.example", EVERYTHING);
        route("exact", "b.a.example", EVERYTHING);

        assertThat(chosen("GET", "http://b.a.example/")).isEqualTo("exact");
        assertThat(chosen("GET", "http://c.a.example:8080/")).isEqualTo("long");
        assertThat(chosen("GET", "http://D.C.A.EXAMPLE/")).isEqualTo("long");
        assertThat(chosen("GET", "http://a.example/")).isEqualTo("short");
        assertThat(chosen("GET", "http://example/")).isEqualTo("any");
    }

    @Test
    void prefersAnExactPathThenTheLongestPrefixThenTheMethodThenMoreHeadersThenMoreParameters() {
        route("root", "", EVERYTHING);
        route("v1", "", prefix("/v1"));
        route("post", "", new RouteMatch(path(PathType.PREFIX, "/v1"), "POST", List.of(), List.of()));
        route("header", "", new RouteMatch(path(PathType.PREFIX, "/v1"), null, List.of(exact("x-a", "1")), List.of()));
        route("query", "", new RouteMatch(path(PathType.PREFIX, "/v1"), null, List.of(), List.of(exact("q", "a b"))));
        route("exact", "", new RouteMatch(path(PathType.EXACT, "/v1/models"), null, List.of(), List.of()));

        assertThat(chosen("POST", "http://h/v1/models")).isEqualTo("exact");
        assertThat(chosen("POST", "http://h/v1/x?q=a+b", "X-A", "1")).isEqualTo("post");
        assertThat(chosen("GET", "http://h/v1/x?q=a+b", "X-A", "1")).isEqualTo("header");
        assertThat(chosen("GET", "http://h/v1/x?q=a%20b&q=c")).isEqualTo("query");
        assertThat(chosen("GET", "http://h/v1/x?q=c&q=a+b")).isEqualTo("v1");
        assertThat(chosen("GET", "http://h/v2")).isEqualTo("root");
    }

    @Test
    void prefersTheFirstOfEqualMatches() {
        route("first", "", EVERYTHING);
        route("second", "", EVERYTHING);

        assertThat(chosen("GET", "http://h/")).isEqualTo("first");
    }

    @Test
    void matchesPatternsOfPathsAndHeadersWhole() {
        route(
                "pattern",
                "",
                new RouteMatch(
                        path(PathType.PATTERN, "/v[12]/.+"),
                        null,
                        List.of(new ValueMatch("x-team", null, pattern("a|b"))),
                        List.of()));

        assertThat(chosen("GET", "http://h/v2/x", "X-Team", "b")).isEqualTo("pattern");
        assertThat(chosen("GET", "http://h/v3/x", "X-Team", "b")).isEqualTo("no route");
        assertThat(chosen("GET", "http://h/v2/x", "X-Team", "bb")).isEqualTo("no route");
        assertThat(chosen("GET", "http://h/v2/x")).isEqualTo("no route");
    }

    @Test
    void readsNeedlesslyEncodedLettersAsLettersButNoEncodedSlash() {
        route("open", "", EVERYTHING);
        route("closed", "", prefix("/v1/admin"));

        assertThat(chosen("GET", "http://h/v1/%61dmin/keys")).isEqualTo("closed");
        assertThat(chosen("GET", "http://h/v1%2Fadmin")).isEqualTo("open");
    }

    @Test
    void readsHexadecimalDigitsInAnyCase() {
        route("closed", "", prefix("/v1/a%2fb"));
        route("open", "", EVERYTHING);

        assertThat(chosen("GET", "http://h/v1/a%2Fb/c")).isEqualTo("closed");
        assertThat(chosen("GET", "http://h/v1/%61%2fb")).isEqualTo("closed");
    }

    @Test
    void takesAHostWithTheDotOfTheRootForTheSameHost() {
        route("closed", "secure.test", EVERYTHING);
        route("wild", "*.secure.test", EVERYTHING);
        route("open", "", EVERYTHING);

        assertThat(chosen("GET", "http://secure.test./")).isEqualTo("closed");
        assertThat(chosen("GET", "http://SECURE.TEST.:8443/")).isEqualTo("closed");
        assertThat(chosen("GET", "http://a.secure.test./")).isEqualTo("wild");
        assertThat(chosen("GET", "http://./")).isEqualTo("open");
    }

    @Test
    void sendsNobodyPastAPatternThatItCouldNotLookAt() {
        route("closed", "", new RouteMatch(path(PathType.PATTERN, "(/(a|aa)+)+/?"), null, List.of(), List.of()));
        route("open", "", EVERYTHING);

        assertThat(chosen("GET", "http://h/" + "a".repeat(2_000))).isEqualTo("closed");
        assertThat(chosen("GET", "http://h/" + "a".repeat(60_000) + "/!")).isEqualTo("too long");
        assertThat(chosen("GET", "http://h/b")).isEqualTo("open");
    }

    @Test
    void boundsWhatPatternsOfHeadersAndQueriesCostTogether() {
        List<ValueMatch> both = List.of(new ValueMatch("x", null, pattern("(a|aa)+b|(c|cc)+d|(e|ee)+f")));
        for (int i = 0; i < 50; i++) {
            route("closed " + i, "", new RouteMatch(path(PathType.PREFIX, "/"), null, both, both));
        }
        route("open", "", EVERYTHING);

        assertThat(chosen("GET", "http://h/?x=" + "a".repeat(200) + "b", "X", "a".repeat(200) + "b"))
                .isEqualTo("closed 0");
        assertThat(chosen("GET", "http://h/?x=a", "X", "a".repeat(60_000))).isEqualTo("too long");
        assertThat(chosen("GET", "http://h/?x=" + "a".repeat(60_000), "X", "ab"))
                .isEqualTo("too long");
    }

    @Test
    @Timeout(20)
    void takesNoLongerForALongPathThanForItsLength() {
        route("v1", "", prefix("/v1/x"));
        route("wild", "*.example", EVERYTHING);

        for (int i = 0; i < 200; i++) {
            assertThat(chosen("GET", "http://h" + "/a".repeat(30_000))).isEqualTo("no route");
            assertThat(chosen("GET", "http://" + "a.".repeat(30_000) + "test/")).isEqualTo("no route");
        }
    }

    @Test
    void doesNotRouteByAHeaderThatEndsHere() {
        route("team", "", new RouteMatch(path(PathType.PREFIX, "/"), null, List.of(exact("x-a", "1")), List.of()));
        Router router = new Router(new Named("no listener"));
        router.add(null, entries, new Named("no route"));
        PolicyRequest request = PolicyRequest.builder("GET", "http://h/")
                .header("x-a", "1")
                .header("connection", "x-a")
                .build();

        assertThat(router.handlerOf(request)).isEqualTo(new Named("no route"));
    }

    @Test
    void looksOnlyAtTheMostSpecificListener() {
        Router router = new Router(new Named("no listener"));
        router.add(
                "*.example",
                List.of(new Router.Entry(HostPattern.of("*.example"), EVERYTHING, new Named("wide"))),
                new Named("no route, wide"));
        router.add(
                "a.example",
                List.of(new Router.Entry(HostPattern.of("a.example"), prefix("/v1"), new Named("narrow"))),
                new Named("no route, narrow"));

        assertThat(router.handlerOf(request("GET", "http://a.example/v1"))).isEqualTo(new Named("narrow"));
        assertThat(router.handlerOf(request("GET", "http://a.example/v2"))).isEqualTo(new Named("no route, narrow"));
        assertThat(router.handlerOf(request("GET", "http://b.example/v2"))).isEqualTo(new Named("wide"));
        assertThat(router.handlerOf(request("GET", "http://[::1]:80/"))).isEqualTo(new Named("no listener"));
    }

    @Test
    void intersectsHostnamesOfListenersAndRoutes() {
        assertThat(and("", "a.example")).isEqualTo("a.example");
        assertThat(and("*.example", "a.example")).isEqualTo("a.example");
        assertThat(and("a.example", "*.example")).isEqualTo("a.example");
        assertThat(and("*.example", "*.a.example")).isEqualTo("*.a.example");
        assertThat(and("a.example", "b.example")).isNull();
        assertThat(and("*.example", "example")).isNull();
        assertThat(and("", "")).isEmpty();
    }

    private static @Nullable String and(String one, String other) {
        HostPattern both = new HostPattern(one).and(new HostPattern(other));
        return both == null ? null : both.text();
    }

    private void route(String name, String host, RouteMatch match) {
        entries.add(new Router.Entry(new HostPattern(host), match, new Named(name)));
    }

    private String chosen(String method, String uri, String... header) {
        Router router = new Router(new Named("no listener"), new Named("too long"));
        router.add(null, entries, new Named("no route"));
        return ((Named) router.handlerOf(request(method, uri, header))).name();
    }

    private static PolicyRequest request(String method, String uri, String... header) {
        var builder = PolicyRequest.builder(method, uri);
        if (header.length == 2) {
            builder.header(header[0], header[1]);
        }
        return builder.build();
    }

    private static RouteMatch prefix(String value) {
        return new RouteMatch(path(PathType.PREFIX, value), null, List.of(), List.of());
    }

    private static PathMatch path(PathType type, String value) {
        return type == PathType.PATTERN ? new PathMatch(type, value, pattern(value)) : PathMatch.of(type, value);
    }

    private static ValueMatch exact(String name, String value) {
        return new ValueMatch(name, value, null);
    }

    private static LinearRegex pattern(String text) {
        try {
            return LinearRegex.of(text);
        } catch (InvalidExpressionException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
