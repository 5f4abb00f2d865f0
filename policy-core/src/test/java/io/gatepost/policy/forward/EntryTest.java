package io.gatepost.policy.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.request.RequestBuilder;
import java.net.URI;
import java.util.AbstractList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a request before any route is chosen. */
class EntryTest {
    private static final Entry BEHIND_PROXIES = new Entry(TrustedProxies.of(List.of("10.0.0.0/8")));

    private static RequestBuilder get(String target, String... headers) {
        return with(PolicyRequest.builder("GET", target), headers);
    }

    private static RequestBuilder with(RequestBuilder request, String... headers) {
        for (String header : headers) {
            int colon = header.indexOf(':');
            request.header(header.substring(0, colon), header.substring(colon + 1));
        }
        return request;
    }

    private static int status(RequestBuilder request) {
        ErrorResponse refusal = Entry.DEFAULT.refusal(request.build());
        return refusal == null ? 0 : refusal.status();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 1|Content-Length: 2",
                "Content-Length: +1",
                "Content-Length: 1|Transfer-Encoding: chunked",
                "Transfer-Encoding: gzip, chunked",
                "Transfer-Encoding: chunked|Transfer-Encoding: chunked",
                "Host: a.test|Host: a.test",
                "Host: b.test",
                "Host: a.test:81"
            })
    void refusesWhatHasTwoReadings(String headers) {
        assertThat(status(get("http://a.test/", headers.split("\\|")))).isEqualTo(400);
    }

    @Test
    void refusesChunksInWhatIsNotHttp11() {
        assertThat(status(get("/", "Transfer-Encoding: chunked").version("HTTP/1.0")))
                .isEqualTo(400);
        assertThat(status(get("/", "Transfer-Encoding: chunked"))).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /a/../b, 400",
        "GET, /a%00, 400",
        "GET, '/a?q={', 400",
        "GET, /a|b, 400",
        "GET, /?q=%zz, 400",
        "GET, /?q=1%, 400",
        "TRACE, /, 405",
        "Connect, /, 405",
        "GET, '/a?q=%7B&b[]=1', 0",
        "PURGE, /, 0",
        "G T, /, 400"
    })
    void refusesTargetsAndMethods(String method, String target, int status) {
        assertThat(status(PolicyRequest.builder(method, target))).isEqualTo(status);
    }

    @Test
    void refusesBodiesAndHeadsBeyondTheirLimits() {
        Entry entry = Entry.DEFAULT.withBodyLimit(10).standingForServer(100);

        assertThat(Objects.requireNonNull(
                                entry.refusal(get("/", "Content-Length: 11").build()))
                        .status())
                .isEqualTo(413);
        assertThat(entry.refusal(get("/", "Content-Length: 10").build())).isNull();
        assertThat(Objects.requireNonNull(
                                entry.refusal(get("/", "X: " + "x".repeat(100)).build()))
                        .status())
                .isEqualTo(431);
        assertThatThrownBy(() -> entry.enter(get("/", "Content-Length: 11").build()))
                .isInstanceOf(RefusedRequestException.class);
    }

    @Test
    void readsARequestAsEverybodyBehindDoes() {
        PolicyRequest entered = Entry.DEFAULT.settled(
                get("http://a.test/%61/b%2fc", "Connection: x-a", "X-A: 1", "X-B: 2", "Cookie: a=1", "Cookie: b=2")
                        .build());

        assertThat(entered.path()).isEqualTo("/a/b%2Fc");
        assertThat(entered.headers("x-a")).isEmpty();
        assertThat(entered.headers("connection")).isEmpty();
        assertThat(entered.headers("host")).containsExactly("a.test");
        assertThat(entered.headers("cookie")).containsExactly("a=1; b=2");
        assertThat(entered.headerNames())
                .contains("X-B", "Host", "X-Forwarded-For")
                .doesNotContain("X-A");
    }

    @Test
    void tellsWhichHeadersAreOtherThanTheyCame() {
        PolicyRequest request = get(
                        "http://a.test/",
                        "Connection: x-a",
                        "X-A: 1",
                        "x-b: 2",
                        "x-b: 1",
                        "cookie: a=1",
                        "cookie: b=2",
                        "x-forwarded-for: 6.6.6.6",
                        "X-Real-IP: 6.6.6.6")
                .source("203.0.113.1", 4)
                .build();

        assertThat(Entry.DEFAULT
                        .withHeader("X-Request-Id", "r")
                        .settled(new WithoutEquality(request))
                        .changedHeaders())
                .containsOnly(
                        Map.entry("Host", List.of("a.test")),
                        Map.entry("Connection", List.of()),
                        Map.entry("X-A", List.of()),
                        Map.entry("cookie", List.of("a=1; b=2")),
                        Map.entry("x-forwarded-for", List.of("203.0.113.1")),
                        Map.entry("X-Forwarded-Proto", List.of("http")),
                        Map.entry("X-Forwarded-Host", List.of("a.test")),
                        Map.entry("Forwarded", List.of("for=203.0.113.1;host=\"a.test\";proto=http")),
                        Map.entry("X-Request-Id", List.of("r")),
                        Map.entry("X-Real-IP", List.of()));
    }

    @Test
    void goesThroughTheHeadersThatItHas() {
        PolicyRequest entered = Entry.DEFAULT.settled(
                get("http://a.test/", "Connection: x-a, keep-alive", "X-A: 1", "Keep-Alive: 5", "X-B: 2", "x-b: 1")
                        .build());

        Map<String, List<String>> seen = new LinkedHashMap<>();
        entered.forEachHeader(seen::put);
        assertThat(seen.keySet()).containsExactlyElementsOf(entered.headerNames());
        assertThat(seen)
                .containsEntry("X-B", List.of("2", "1"))
                .containsEntry("X-Forwarded-Proto", List.of("http"))
                .doesNotContainKeys("X-A", "Keep-Alive", "Connection");
    }

    @Test
    void tellsOfAListOfValuesThatBecomesOneValue() {
        PolicyRequest request =
                get("http://a.test/", TOLD).source("10.1.2.3", 4).build();

        assertThat(BEHIND_PROXIES.settled(request).changedHeaders())
                .containsEntry("X-Forwarded-Groups", List.of("a, b"))
                .containsEntry("Host", List.of("public.test"))
                .doesNotContainKeys("X-Forwarded-User", "X-Forwarded-For");
    }

    /** As of a server whose lists of values are equal to nothing but themselves. */
    private record WithoutEquality(PolicyRequest request) implements PolicyRequest {
        @Override
        public String method() {
            return request.method();
        }

        @Override
        public String scheme() {
            return request.scheme();
        }

        @Override
        public String host() {
            return request.host();
        }

        @Override
        public String path() {
            return request.path();
        }

        @Override
        public @Nullable String query() {
            return request.query();
        }

        @Override
        public String version() {
            return request.version();
        }

        @Override
        public Collection<String> headerNames() {
            return request.headerNames();
        }

        @Override
        public List<String> headers(String name) {
            List<String> values = request.headers(name);
            return new AbstractList<>() {
                @Override
                public String get(int index) {
                    return values.get(index);
                }

                @Override
                public int size() {
                    return values.size();
                }

                @Override
                public boolean equals(@Nullable Object other) {
                    return this == other;
                }

                @Override
                public int hashCode() {
                    return System.identityHashCode(this);
                }
            };
        }

        @Override
        public String sourceAddress() {
            return request.sourceAddress();
        }

        @Override
        public int sourcePort() {
            return request.sourcePort();
        }
    }

    @Test
    void saysWhichMethodsAreServed() {
        ErrorResponse refusal =
                Entry.DEFAULT.refusal(PolicyRequest.builder("TRACE", "/").build());
        assertThat(Objects.requireNonNull(refusal).headers())
                .containsEntry("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    }

    private static final String[] TOLD = {
        "X-Forwarded-For: 203.0.113.9",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: public.test",
        "X-Forwarded-User: alice",
        "X-Forwarded-Email: alice@example.com",
        "X-Forwarded-Groups: a",
        "X-Forwarded-Groups: b",
        "X-Forwarded-Preferred-Username: al",
        "X-Forwarded-Access-Token: t.o.k",
        "X-Real-IP: 6.6.6.6",
        "Forwarded: for=6.6.6.6"
    };

    @Test
    void believesATrustedProxyInAllThatItTells() throws RejectedRequestException {
        PolicyRequest entered = BEHIND_PROXIES.enter(
                get("http://a.test/", TOLD).source("10.1.2.3", 4).build());

        assertThat(entered.sourceAddress()).isEqualTo("203.0.113.9");
        assertThat(entered.scheme()).isEqualTo("https");
        assertThat(entered.host()).isEqualTo("public.test");
        assertThat(entered.headers("host")).containsExactly("public.test");
        assertThat(entered.headers("X-Forwarded-User")).containsExactly("alice");
        assertThat(entered.headers("x-forwarded-groups")).containsExactly("a, b");
        assertThat(entered.headers("x-forwarded-access-token")).containsExactly("t.o.k");
        assertThat(entered.headers("x-real-ip")).isEmpty();
        assertThat(Upstream.of(URI.create("http://up.test/"))
                        .forward(entered, null)
                        .headers())
                .containsEntry("X-Forwarded-User", List.of("alice"))
                .containsEntry("X-Forwarded-Email", List.of("alice@example.com"))
                .containsEntry("X-Forwarded-Preferred-Username", List.of("al"))
                .containsEntry("X-Forwarded-For", List.of("203.0.113.9"))
                .doesNotContainKey("X-Real-IP");
    }

    @Test
    void believesNobodyElse() throws RejectedRequestException {
        PolicyRequest came =
                get("http://a.test/", TOLD).source("203.0.113.1", 4).build();
        PolicyRequest entered = BEHIND_PROXIES.enter(came);

        assertThat(entered.sourceAddress()).isEqualTo("203.0.113.1");
        assertThat(entered.host()).isEqualTo("a.test");
        assertThat(entered.headers("x-forwarded-for")).containsExactly("203.0.113.1");
        for (PolicyRequest request : List.of(came, entered)) {
            assertThat(Upstream.of(URI.create("http://up.test/"))
                            .forward(request, null)
                            .headers())
                    .doesNotContainKeys("X-Forwarded-User", "X-Forwarded-Access-Token", "X-Forwarded-Groups");
        }
    }
}
