package io.gatepost.policy.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestSyntaxTest {
    private static final PolicyEngine ANYTHING =
            PolicyEngine.builder().allowingEverything().build();

    @Test
    void acceptsAnOrdinaryRequest() {
        Raw request = new Raw("POST", "llm.test:8080", "/v1/chat/completions", "a=1&b=%20")
                .with("Host", "LLM.test:8080")
                .with("X-Tabs", "a\tb")
                .with("X-Octets", "caf\u00e9")
                .with("X-Empty", "");

        assertThat(RequestSyntax.problem(request)).isNull();
        assertThat(ANYTHING.decide(request)).isInstanceOf(Decision.Allow.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET ", "G ET", "GET\r\n", "GET /x HTTP/1.1\r\nX: ", "GE:T", "G\u00c9T", "G\u0000T"})
    void refusesMethodsThatAreNone(String method) {
        assertRefused(new Raw(method, "llm.test", "/", null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llm.test\r\nx-admin: 1",
                "llm.test, other.test",
                "user@llm.test",
                "llm.test:65536",
                "llm.test:+80",
                "llm.test:",
                "[::1",
                "llm test",
                "llm.test/x",
                "llm.test#",
                "\u017fecure.test"
            })
    void refusesHostsThatAreNone(String host) {
        assertRefused(new Raw("GET", host, "/", null));
    }

    @Test
    void refusesTwoHosts() {
        assertRefused(new Raw("GET", "a.test", "/", null).with("Host", "b.test"));
        assertRefused(new Raw("GET", "a.test", "/", null).with("Host", "a.test", "a.test"));
        assertRefused(new Raw("GET", "", "/", null).with("Host", "a.test"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=1 b", "a=1\r\nx: 1", "a=\u0000", "a=\u00e9", "a#b", "a=\u007f"})
    void refusesQueriesThatAreNone(String query) {
        assertRefused(new Raw("GET", "llm.test", "/", query));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "x-a:1", "x-admin: 1\r\nx", "x a", ":path", "x-a\t", "x-\u00e9", "x\u0000", "(x)", "x,y"})
    void refusesNamesThatAreNoTokens(String name) {
        assertRefused(new Raw("GET", "llm.test", "/", null).with(name, "1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1\r\n\r\nGET /secret HTTP/1.1",
                "1\nx-admin: 1",
                "1\rx-admin: 1",
                "a\u0000b",
                "a\u007fb",
                "a\u001bb",
                " a",
                "a ",
                "\ta",
                "a\t",
                "a\u010d\u010ax-admin: 1"
            })
    void refusesValuesThatWouldBeReadAsSomethingElse(String value) {
        assertRefused(new Raw("GET", "llm.test", "/", null).with("x-a", value));
        assertRefused(new Raw("GET", "llm.test", "/", null).with("x-a", "1", value));
    }

    @ParameterizedTest
    @CsvSource({
        "/%61dmin,/admin",
        "/%41%7a%30%2d%5F%7E%2e,/Az0-_~.",
        "/org%2fmodel,/org%2Fmodel",
        "/a%20b%c3%a9,/a%20b%C3%A9",
        "/a%2561,/a%2561",
        "/a;b%3d1,/a;b%3D1",
        "/a%,/a%",
        "/a%6,/a%6",
        "/a%zz,/a%zz",
        "/plain,/plain"
    })
    void knowsTheNormalFormOfAPath(String path, String normal) {
        assertThat(RequestTarget.normalPath(path)).isEqualTo(normal);
        assertThat(RequestTarget.normalPath(normal)).isEqualTo(normal);
        assertThat(RequestSyntax.normalized(new Raw("GET", "llm.test", path, null))
                        .path())
                .isEqualTo(normal);
    }

    @Test
    void endsWhatTheHopEnds() {
        Raw request = new Raw("GET", "llm.test", "/", null)
                .with("Connection", "close, X-Safety", "x-other")
                .with("X-Safety", "on")
                .with("X-Other", "1")
                .with("X-Stays", "1");

        PolicyRequest normalized = RequestSyntax.normalized(request);

        assertThat(normalized.headerNames()).containsExactly("Connection", "X-Stays");
        assertThat(normalized.headers("x-safety")).isEmpty();
        assertThat(normalized.headers("x-stays")).containsExactly("1");
    }

    @Test
    void keepsTheCredentialAndTheFramingWhateverConnectionNames() {
        Raw request = new Raw("GET", "llm.test", "/", null)
                .with("Connection", "authorization, host, content-length, transfer-encoding, connection")
                .with("Host", "llm.test")
                .with("Content-Length", "0")
                .with("Authorization", "Bearer x");

        assertThat(RequestSyntax.normalized(request).headerNames())
                .containsExactly("Connection", "Host", "Content-Length", "Authorization");
    }

    private static void assertRefused(Raw request) {
        assertThat(RequestSyntax.problem(request)).isNotNull();
        assertThat(ANYTHING.decide(request))
                .isInstanceOfSatisfying(
                        Decision.Deny.class,
                        deny -> assertThat(deny.response().status()).isEqualTo(400));
    }

    /** A request as a server may hand it over that checks nothing. */
    private static final class Raw implements PolicyRequest {
        private final String method;
        private final String host;
        private final String path;
        private final @Nullable String query;
        private final Map<String, List<String>> headers = new LinkedHashMap<>();

        Raw(String method, String host, String path, @Nullable String query) {
            this.method = method;
            this.host = host;
            this.path = path;
            this.query = query;
        }

        Raw with(String name, String... values) {
            headers.put(name, List.of(values));
            return this;
        }

        @Override
        public String method() {
            return method;
        }

        @Override
        public String scheme() {
            return "http";
        }

        @Override
        public String host() {
            return host;
        }

        @Override
        public String path() {
            return path;
        }

        @Override
        public @Nullable String query() {
            return query;
        }

        @Override
        public String version() {
            return "HTTP/2";
        }

        @Override
        public List<String> headers(String name) {
            List<String> found = new ArrayList<>();
            headers.forEach((header, values) -> {
                if (header.equalsIgnoreCase(name)) {
                    found.addAll(values);
                }
            });
            return found;
        }

        @Override
        public Collection<String> headerNames() {
            return headers.keySet();
        }

        @Override
        public String sourceAddress() {
            return "127.0.0.1";
        }

        @Override
        public int sourcePort() {
            return 1;
        }
    }
}
