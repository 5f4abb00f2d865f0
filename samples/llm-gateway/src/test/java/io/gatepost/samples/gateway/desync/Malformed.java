package io.gatepost.samples.gateway.desync;

import io.gatepost.samples.gateway.desync.RandomRequests.Drawn;
import java.util.ArrayList;
import java.util.List;

/** Requests that are none, each with a reading in which something else follows. */
final class Malformed {
    private static final String EVIL = "GET /open/evil HTTP/1.1\r\nHost: a.test\r\nx-id: evil\r\nx-evil: 1\r\n\r\n";

    /** Lines of a head, and what stands behind it. */
    private static final List<List<String>> FRAMINGS = List.of(
            List.of("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n" + EVIL),
            List.of("Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n" + EVIL),
            List.of("Content-Length: 0\r\nContent-Length: " + EVIL.length(), EVIL),
            List.of("Content-Length: 0, " + EVIL.length(), EVIL),
            List.of("Content-Length: +" + EVIL.length(), EVIL),
            List.of("Content-Length: 0x10", EVIL),
            List.of("Content-Length: -1", EVIL),
            List.of("Content-Length: 1 2", EVIL),
            List.of("Content-Length:", EVIL),
            List.of("Content-Length : 0", EVIL),
            List.of("Content-Length: 99999999999999999999", EVIL),
            List.of("Transfer-Encoding: gzip, chunked", "0\r\n\r\n" + EVIL),
            List.of("Transfer-Encoding: chunked, identity", "0\r\n\r\n" + EVIL),
            List.of("Transfer-Encoding: xchunked", "0\r\n\r\n" + EVIL),
            List.of("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n" + EVIL),
            List.of("Transfer-Encoding: \u000bchunked", "0\r\n\r\n" + EVIL),
            List.of("Transfer-Encoding : chunked", "0\r\n\r\n" + EVIL),
            List.of("Transfer-Encoding: chunked", "5x\r\nhello\r\n0\r\n\r\n" + EVIL),
            List.of("Transfer-Encoding: chunked", "-1\r\n\r\n0\r\n\r\n" + EVIL),
            List.of("Transfer-Encoding: chunked", "\r\n\r\n" + EVIL),
            List.of("Transfer-Encoding: chunked", "1\r\nab\r\n0\r\n\r\n" + EVIL),
            List.of("Transfer-Encoding: chunked", "1\na\n0\n\n" + EVIL),
            List.of("Transfer-Encoding: chunked", "0x1\r\na\r\n0\r\n\r\n" + EVIL),
            List.of("Transfer-Encoding: chunked", "ffffffffffffffff1\r\na\r\n0\r\n\r\n" + EVIL));

    private static final List<String> LINES =
            List.of("X Y: 1", "X-Y : 1", ": 1", "X-\u00e4: 1", "X-(y): 1", "no colon", "Host: b.test", "X-Y: a\u0000b");

    private static final List<String> REQUEST_LINES = List.of(
            "GET /open/a b HTTP/1.1",
            "GET",
            "G(T /open/x HTTP/1.1",
            "GET /open/x HTTP/1.1 x",
            "GET open/x HTTP/1.1",
            "GET /open/\u0001 HTTP/1.1");

    private static final List<List<String>> STREAMS = List.of(
            List.of("connection", "x-hop"),
            List.of("x-a", "1\r\n\r\n" + EVIL),
            List.of("x-a", "1\r\nx-evil: 1"),
            List.of("x-a", "1\nx-evil: 1"),
            List.of("x-a\r\nx-evil", "1"),
            List.of("x-evil:1", "1"),
            List.of("x-a ", "1"),
            List.of("X-A", "1"),
            List.of("x-a", "a\u0000b"),
            List.of("", "1"),
            List.of(":authority", "b.test"),
            List.of(":odd", "1"),
            List.of("host", "b.test"),
            List.of("te", "gzip"),
            List.of("content-length", "5", "content-length", "6"),
            List.of("content-length", "x"),
            List.of(":method", "POST"),
            List.of(":path", "/open/other"),
            List.of("transfer-encoding", "chunked"));

    private Malformed() {}

    static String http1(Drawn drawn, RandomRequests requests) {
        StringBuilder head = new StringBuilder();
        String line = "POST /open/" + drawn.sent().id() + " HTTP/1.1";
        String odd = "Content-Length: 0";
        String behind = "";
        switch (requests.random.nextInt(3)) {
            case 0 -> {
                List<String> framing = requests.oneOf(FRAMINGS);
                odd = framing.get(0);
                behind = framing.get(1);
            }
            case 1 -> odd = requests.oneOf(LINES);
            default -> line = requests.oneOf(REQUEST_LINES);
        }
        head.append(line)
                .append("\r\nHost: a.test\r\nx-id: ")
                .append(drawn.sent().id())
                .append("\r\n");
        return head.append(odd).append("\r\n\r\n").append(behind).toString();
    }

    /** What is wrong with the headers of a stream: names and values, in turn, in place of what they had. */
    static List<String> http2(List<String> headers, RandomRequests requests) {
        List<String> odd = new ArrayList<>(headers);
        odd.addAll(requests.oneOf(STREAMS));
        return odd;
    }
}
