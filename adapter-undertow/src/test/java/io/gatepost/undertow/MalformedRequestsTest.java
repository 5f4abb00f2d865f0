package io.gatepost.undertow;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.policy.forward.Upstream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What has two readings is refused; what is let through, rule and upstream see alike. */
class MalformedRequestsTest {
    private static final String END = "Connection: close\r\n\r\n";
    private static final String CHUNKED = "POST /v1 HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n" + END;
    private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n";

    /** What a rule could judge. */
    private record View(String method, String target, Map<String, List<String>> headers) {}

    private final BlockingQueue<View> judged = new LinkedBlockingQueue<>();
    private RawUpstream upstream;
    private GatewayUnderTest gateway;

    @BeforeEach
    void start() throws IOException {
        upstream = new RawUpstream(RawUpstream.OK);
        gateway = new GatewayUnderTest(
                LlmForwardingHandler.to(Upstream.of(upstream.url())),
                TrustedProxies.NONE,
                this::judged,
                builder -> builder);
    }

    @AfterEach
    void stop() throws IOException {
        gateway.close();
        upstream.close();
    }

    private void judged(PolicyRequest request, Decision decision, Duration elapsed) {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        request.headerNames().forEach(name -> headers.put(name, List.copyOf(request.headers(name))));
        String target = request.query() == null ? request.path() : request.path() + "?" + request.query();
        judged.add(new View(request.method(), target, headers));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
                "Content-Length: 2\r\nContent-Length: 3\r\n",
                "Content-Length: 2\r\nContent-Length: 2\r\n",
                "Content-Length: 2, 2\r\n",
                "Content-Length: +2\r\n",
                "Content-Length: -2\r\n",
                "Content-Length: 2.0\r\n",
                "Content-Length: 0x2\r\n",
                "Content-Length: \r\n",
                "Content-Length: 18446744073709551618\r\n",
                "Content-Length: 9223372036854775808\r\n",
                "Transfer-Encoding: gzip, chunked\r\n",
                "Transfer-Encoding: chunked, chunked\r\n",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding: identity\r\n",
                "Transfer-Encoding: \"chunked\"\r\n",
                "Transfer-Encoding : chunked\r\n",
                "X-A: a\u0000b\r\n",
                "X-A: a\rX-B: b\r\n",
                "X-A: a\u0001b\r\n",
                "X A: a\r\n",
                "X-A\t: a\r\n",
                "X-\u00e9: a\r\n",
                ": a\r\n",
                "GET /smuggled HTTP/1.1\r\n",
                "Host: b.test\r\n"
            })
    void refusesHeadersWithTwoReadings(String headers) throws Exception {
        assertRefused("POST /v1 HTTP/1.1\r\nHost: a.test\r\n" + headers + END + "{}" + SMUGGLED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\n{}\r\n0\r\n\r\n",
                "0x2\r\n{}\r\n0\r\n\r\n",
                " 2\r\n{}\r\n0\r\n\r\n",
                "2 \r\n{}\r\n0\r\n\r\n",
                "+2\r\n{}\r\n0\r\n\r\n",
                "2\n{}\r\n0\r\n\r\n",
                "2\r{}\r\n0\r\n\r\n",
                "2\r\n{}0\r\n\r\n",
                "2\r\n{}xx\r\n0\r\n\r\n",
                "2\r\n{}\n0\r\n\r\n",
                "2;a=\nxx\r\n{}\r\n0\r\n\r\n",
                "10000000000000002\r\n{}\r\n0\r\n\r\n",
                "2\r\n{}\r\n\r\n0\r\n\r\n",
                "2\r\n{}\r\n0\r\nGET /smuggled HTTP/1.1\r\n\r\n",
                "2\r\n{}\r\n0\r\n a: b\r\n\r\n"
            })
    void refusesBadChunks(String chunks) throws Exception {
        assertRefused(CHUNKED + chunks + SMUGGLED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET http://b.test/v1 HTTP/1.1",
                "GET http://a.test@b.test/v1 HTTP/1.1",
                "GET ftp://a.test/v1 HTTP/1.1",
                "GET a.test:80 HTTP/1.1",
                "CONNECT a.test:80 HTTP/1.1",
                "GET v1 HTTP/1.1",
                "GET /v1/../admin HTTP/1.1",
                "GET /v1/%2e%2e/admin HTTP/1.1",
                "GET /v1/..%2fadmin HTTP/1.1",
                "GET /v1/..;/admin HTTP/1.1",
                "GET /v1\\admin HTTP/1.1",
                "GET /v1%5cadmin HTTP/1.1",
                "GET /v1%00 HTTP/1.1",
                "GET /v1\u0000 HTTP/1.1",
                "GET /v1%0d%0aX-Admin:1 HTTP/1.1",
                "GET /v1% HTTP/1.1",
                "GET /\u00c3\u00a9 HTTP/1.1",
                "GET /v1#x HTTP/1.1",
                "GET /v1 x HTTP/1.1",
                "GET\t/v1 HTTP/1.1",
                "GET /v1?a=\u0001 HTTP/1.1",
                "GET /v1 http/1.1",
                "GET /v1",
                "GET //v1 HTTP/1.1",
                "GET /v1//x HTTP/1.1",
                "GET /v1/;/x HTTP/1.1",
                "GET /;a/v1 HTTP/1.1",
                "G(T /v1 HTTP/1.1"
            })
    void refusesTargetsWithTwoReadings(String line) throws Exception {
        assertRefused(line + "\r\nHost: a.test\r\n" + END);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET http://a.test/v1?q=1 HTTP/1.1\r\nHost: a.test\r\n" + END,
                "GET HTTP://a.test/v1 HTTP/1.1\r\nHost: a.test\r\n" + END,
                "GET http://a.test?/v1 HTTP/1.1\r\nHost: a.test\r\n" + END,
                "GET /v1%2Fx%2fy HTTP/1.1\r\nHost: a.test\r\n" + END,
                "GET /v1;a=b/x;c?q=1;r=2&s HTTP/1.1\r\nHost: a.test\r\n" + END,
                "GET /v1? HTTP/1.1\r\nHost: a.test\r\n" + END,
                "GET /v1 HTTP/1.1\r\nHost: a.test\r\nX-A: a\r\n b\r\n" + END,
                "GET /v1 HTTP/1.1\r\nHost: a.test\r\nX-A: \u00e9\u00ff\r\n" + END,
                "GET /v1 HTTP/1.1\r\nHost: a.test\r\nX-A: a\r\nx-a: b\r\n" + END,
                "GET /v1 HTTP/1.1\r\nHost: a.test\r\nX_A: a\r\nX-A: b\r\n" + END,
                "GET /v1 HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\n" + END,
                "GET /v1 HTTP/1.1\r\nHost: a.test\r\nCookie: a=b\r\nCookie: c=d\r\n" + END,
                "GET /v1 HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n" + END + "GET /smugg",
                "POST /v1 HTTP/1.1\r\nHost: a.test\r\nContent-Length: 002\r\n" + END + "{}",
                "POST /v1 HTTP/1.0\r\nHost: a.test\r\nContent-Length: 2\r\n\r\n{}",
                CHUNKED + "2;a=\"b\"\r\n{}\r\n002\r\nxx\r\n0\r\nX-Trailer: a\r\n\r\n"
            })
    void showsRuleAndUpstreamTheSame(String octets) throws Exception {
        assertThat(gateway.exchange(octets)).startsWith("HTTP/1.").contains(" 200 OK");

        View rule = judged.poll(10, TimeUnit.SECONDS);
        RawUpstream.Request sent = upstream.next();
        assertThat(rule).isNotNull();
        assertThat(sent.line()).isEqualTo(rule.method() + " " + rule.target() + " HTTP/1.1");
        List<String> hop = List.of("Host", "Connection", "Content-Length", "Transfer-Encoding");
        Map<String, List<String>> shown = new TreeMap<>(rule.headers());
        Map<String, List<String>> got = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String header : sent.headers()) {
            String name = header.substring(0, header.indexOf(':'));
            got.computeIfAbsent(name, any -> new ArrayList<>())
                    .add(header.substring(name.length() + 1).strip());
        }
        hop.forEach(shown::remove);
        hop.forEach(got::remove);
        assertThat(got).isEqualTo(shown);
        assertThat(upstream.seen()).isEmpty();
    }

    private void assertRefused(String octets) throws IOException {
        assertThat(gateway.exchange(octets)).startsWith("HTTP/1.1 400 ");
        assertThat(upstream.seen()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TRACE", "CONNECT", "trace"})
    void sendsOnNoMethodThatEchoesWhatTheGatewayAdds(String method) throws Exception {
        assertThat(gateway.exchange(method + " /v1 HTTP/1.1\r\nHost: a.test\r\n" + END))
                .startsWith("HTTP/1.1 405 ")
                .contains("Allow: GET");
        assertThat(upstream.seen()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Forwarded-For", "x-b", "CLOSE, x-b", ", x-b, authorization"})
    void endsTheHopBeforeAnybodyLooks(String named) throws Exception {
        gateway.exchange(
                "GET /v1 HTTP/1.1\r\nHost: a.test\r\nAuthorization: Bearer x\r\nX-B: b\r\nConnection: close\r\n"
                        + "Connection: " + named + "\r\n\r\n");

        View rule = judged.poll(10, TimeUnit.SECONDS);
        assertThat(rule).isNotNull();
        assertThat(rule.headers()).doesNotContainKey("connection").containsKey("x-forwarded-for");
        for (String name : named.split(", ", -1)) {
            if (!name.isEmpty() && !name.startsWith("X-F")) {
                assertThat(rule.headers()).doesNotContainKey(name);
                assertThat(upstream.next().values(name)).isEmpty();
                break;
            }
        }
    }
}
