package io.gatepost.samples.gateway.server;

import java.util.List;
import java.util.stream.Stream;

/** Fields that make no request, by RFC 9113 sections 8.2 and 8.3. */
final class MalformedHeads {
    private MalformedHeads() {}

    /** Names and values in turn, beside those of a sound request. */
    static Stream<List<String>> fields() {
        return Stream.of(
                of("x-a", "1\r\n\r\nGET /admin HTTP/1.1\r\nX-B: 1"),
                of("x-a", "1\r\nx-admin: 1"),
                of("x-a", "1\nx-admin: 1"),
                of("x-a", "1\rx-admin: 1"),
                of("x-a", "a\u0000b"),
                of("x-a", "a\u0001b"),
                of("x-a", "a\u007fb"),
                of("x-a", " a"),
                of("x-a", "a\t"),
                of("x-a", "a\r\n b"),
                of("x-admin:1", ""),
                of("x-a:", "1"),
                of("x-a b", "1"),
                of("x-a\t", "1"),
                of("x-a\u0000", "1"),
                of("x-\u00e9", "1"),
                of("X-Upper", "1"),
                of(":x", "1"),
                of(":status", "200"),
                of(":protocol", "websocket"),
                of(":path", "/other"),
                of(":authority", "other.test"),
                of("x-a", "1", ":authority", "a.test"),
                of("host", "other.test"),
                of("host", "a.test", "host", "a.test"),
                of("connection", "x-a"),
                of("connection", "close"),
                of("keep-alive", "timeout=5"),
                of("proxy-connection", "keep-alive"),
                of("transfer-encoding", "chunked"),
                of("upgrade", "h2c"),
                of("http2-settings", "AAMAAABk"),
                of("te", "gzip"),
                of("te", "trailers, deflate"),
                of("content-length", "1"),
                of("content-length", "-1"),
                of("content-length", "+0"),
                of("content-length", ""),
                of("content-length", "0x0"),
                of("content-length", "0, 0"),
                of("content-length", "0", "content-length", "0"),
                of("content-length", "18446744073709551616"));
    }

    /** Whole heads. */
    static Stream<List<String>> heads() {
        return Stream.of(
                head("", "http", "a.test", "/v1"),
                head("GET /admin HTTP/1.1\r\nX: ", "http", "a.test", "/v1"),
                head("GET /admin", "http", "a.test", "/v1"),
                head("G(T", "http", "a.test", "/v1"),
                head("CONNECT", "http", "a.test", "/v1"),
                of(":method", "CONNECT", ":authority", "a.test:80"),
                head("GET", "", "a.test", "/v1"),
                head("GET", "ftp", "a.test", "/v1"),
                head("GET", "http\r\nx-admin: 1", "a.test", "/v1"),
                head("GET", "http", "", "/v1"),
                head("GET", "http", "a.test\r\nx-admin: 1", "/v1"),
                head("GET", "http", "a.test, b.test", "/v1"),
                head("GET", "http", "u@a.test", "/v1"),
                head("GET", "http", "a.test:123456", "/v1"),
                head("GET", "http", "a.test/x", "/v1"),
                head("GET", "http", "a.test", ""),
                head("GET", "http", "a.test", "v1"),
                head("GET", "http", "a.test", "*"),
                head("GET", "http", "a.test", "http://a.test/v1"),
                head("GET", "http", "a.test", "/v1 /admin"),
                head("GET", "http", "a.test", "/v1 HTTP/1.1\r\nX-Admin: 1\r\nX: "),
                head("GET", "http", "a.test", "/v1#x"),
                head("GET", "http", "a.test", "/v1?a=b#x"),
                head("GET", "http", "a.test", "/v1?a b"),
                head("GET", "http", "a.test", "/v1\u0000"),
                head("GET", "http", "a.test", "/\u00e9"),
                head("GET", "http", "a.test", "/v1/../admin"),
                head("GET", "http", "a.test", "/v1\\admin"),
                head("GET", "http", "a.test", "/v1%"),
                of(":method", "GET", ":scheme", "http", ":path", "/v1"),
                of(":scheme", "http", ":authority", "a.test", ":path", "/v1"),
                of(":method", "GET", ":authority", "a.test", ":path", "/v1"),
                of(":method", "GET", ":scheme", "http", ":authority", "a.test"),
                of(":method", "GET", ":scheme", "http", ":authority", "a.test", "x-a", "1", ":path", "/v1"),
                of("x-a", "1", ":method", "GET", ":scheme", "http", ":authority", "a.test", ":path", "/v1"));
    }

    private static List<String> of(String... fields) {
        return List.of(fields);
    }

    private static List<String> head(String method, String scheme, String authority, String path) {
        return of(":method", method, ":scheme", scheme, ":authority", authority, ":path", path);
    }
}
