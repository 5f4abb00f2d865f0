package io.gatepost.undertow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.forward.Upstream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which connections to an upstream serve another request, and what becomes of a request whose connection was none. */
class UpstreamConnectionsTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String EVIL = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";

    private @Nullable RawUpstream upstream;
    private @Nullable GatewayUnderTest gateway;

    @AfterEach
    void stop() throws IOException {
        if (gateway != null) {
            gateway.close();
        }
        if (upstream != null) {
            upstream.close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET|HTTP/1.1 200 OK|Content-Length: 2||ok",
                "GET|HTTP/1.1 200 OK|Transfer-Encoding: chunked||2|ok|0||",
                "GET|HTTP/1.1 204 No Content||",
                "GET|HTTP/1.1 304 Not Modified|Content-Length: 4||",
                "HEAD|HTTP/1.1 200 OK|Content-Length: 4||",
                "HEAD|HTTP/1.1 200 OK|Transfer-Encoding: chunked||"
            })
    void usesNoneWithOctetsBehindTheAnswer(String exchange) throws Exception {
        String method = exchange.substring(0, exchange.indexOf('|'));
        String answer = exchange.substring(method.length() + 1).replace("|", "\r\n");
        start((request, client) -> write(client, request.target().equals("/odd") ? answer + EVIL : OK));
        try (Socket client = gateway().connect()) {
            for (int i = 0; i < 20; i++) {
                write(client, method + " /odd HTTP/1.1\r\nHost: a.test\r\n\r\n");
                String head = head(client);
                if (head.contains("chunked") && method.equals("GET")) {
                    assertThat(until(client, "0\r\n\r\n")).contains("ok");
                } else if (answer.endsWith("ok")) {
                    client.getInputStream().readNBytes(2);
                }
                assertOk(client, "GET", "");
            }
        }
    }

    /** Two requests sent at once: the second one's turn comes before any event of the connection does. */
    @Test
    void usesNoneWithOctetsBehindTheAnswerForARequestThatWaits() throws Exception {
        start((request, client) -> write(client, request.target().equals("/odd") ? OK + EVIL : OK));
        try (Socket client = gateway().connect()) {
            for (int i = 0; i < 50; i++) {
                write(client, "GET /odd HTTP/1.1\r\nHost: a.test\r\n\r\nGET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
                assertThat(body(client, head(client))).isEqualTo("ok");
                assertThat(body(client, head(client))).isEqualTo("ok");
            }
        }
    }

    @Test
    void usesNoneWithOctetsThatComeLater() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        CountDownLatch written = new CountDownLatch(1);
        start((request, client) -> {
            write(client, OK);
            if (request.target().equals("/odd")) {
                await(answered);
                write(client, EVIL);
                written.countDown();
            }
        });
        try (Socket client = gateway().connect()) {
            write(client, "GET /odd HTTP/1.1\r\nHost: a.test\r\n\r\n");
            assertThat(body(client, head(client))).isEqualTo("ok");
            answered.countDown();
            await(written);
            assertOk(client, "GET", "");
            assertThat(upstream().nextEnd()).isNotNull();
        }
        assertThat(upstream().connections()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK|Content-Length: 2|Connection: close||ok",
                "HTTP/1.1 200 OK|Content-Length: 2|Connection: x, Close||ok",
                "HTTP/1.0 200 OK|Content-Length: 2||ok",
                "HTTP/1.1 200 OK|Content-Length: 2|Content-Length: 2||ok"
            })
    void usesNoneThatIsToBeClosedOrWhoseFramingIsUnusual(String answer) throws Exception {
        start((request, client) -> write(client, answer.replace("|", "\r\n")));
        try (Socket client = gateway().connect()) {
            assertOk(client, "GET", "");
            assertOk(client, "GET", "");
        }
        assertThat(upstream().nextEnd()).isEqualTo("between requests");
        assertThat(upstream().connections()).isEqualTo(2);
    }

    @Test
    void usesNoneWhoseRequestWasNotSentWhole() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            gateway = new GatewayUnderTest(
                    LlmForwardingHandler.to(Upstream.of(URI.create("http://127.0.0.1:" + server.getLocalPort()))));
            try (Socket client = gateway().connect()) {
                write(client, "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 9\r\n\r\nGET /");
                try (Socket early = server.accept()) {
                    head(early);
                    write(early, OK);
                    assertThat(body(client, head(client))).isEqualTo("ok");
                    write(client, "abcd");
                    write(client, "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
                    try (Socket next = server.accept()) {
                        assertThat(head(next)).startsWith("GET / HTTP/1.1\r\n");
                        assertThat(new String(early.getInputStream().readAllBytes(), ISO_8859_1))
                                .isEqualTo("GET /");
                    }
                }
            }
        }
    }

    /** A connection that a server closes just when it is used again is no fault of the request's. */
    @ParameterizedTest
    @ValueSource(ints = {0, 200, 1000})
    void answersEveryRequestOfAnUpstreamThatClosesSoon(int micros) throws Exception {
        Random random = new Random(micros);
        start((request, client) -> {
            write(client, OK);
            LockSupport.parkNanos(micros == 0 ? 0 : random.nextInt(micros) * 1000L);
            client.close();
        });
        try (Socket client = gateway().connect()) {
            for (int i = 0; i < 400; i++) {
                assertOk(client, "GET", "");
            }
        }
    }

    /**
     * A POST may have had its effect: it is not sent again once a part of it went out. Where an upstream has shown that
     * it closes its connections soon, it goes out on a new one.
     */
    @Test
    void learnsNotToSendAPostWhereTheUpstreamIsAboutToClose() throws Exception {
        Random random = new Random(1);
        start((request, client) -> {
            write(client, OK);
            LockSupport.parkNanos(random.nextInt(1000) * 1000L);
            client.close();
        });
        int failures = 0;
        try (Socket client = gateway().connect()) {
            for (int i = 0; i < 400; i++) {
                write(client, "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\n\r\n{}");
                String head = head(client);
                assertThat(head.substring(0, 12)).isIn("HTTP/1.1 200", "HTTP/1.1 502");
                failures += head.startsWith("HTTP/1.1 502") ? 1 : 0;
                body(client, head);
            }
        }
        assertThat(failures).isLessThan(20);
    }

    @Test
    void sendsPostsOnKeptConnectionsOfAnUpstreamThatKeepsThem() throws Exception {
        start(RawUpstream.OK);
        try (Socket client = gateway().connect()) {
            for (int i = 0; i < 20; i++) {
                assertOk(client, "POST", "{}");
            }
        }
        assertThat(upstream().connections()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, '', 200",
        "HEAD, '', 200",
        "DELETE, '', 200",
        "PUT, '{}', 200",
        "POST, '{}', 502",
        "PATCH, '{}', 502"
    })
    void sendsOnceMoreWhatMayBeSentTwice(String method, String body, int status) throws Exception {
        AtomicInteger closed = new AtomicInteger();
        start((request, client) -> {
            if (request.target().equals("/again") && closed.getAndIncrement() == 0) {
                client.close();
            } else {
                write(client, request.line().startsWith("HEAD") ? OK.substring(0, OK.length() - 2) : OK);
            }
        });
        try (Socket client = gateway().connect()) {
            assertOk(client, "GET", "");
            write(
                    client,
                    method + " /again HTTP/1.1\r\nHost: a.test\r\n"
                            + (body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n") + "\r\n" + body);
            String head = head(client);
            assertThat(head).startsWith("HTTP/1.1 " + status);
            if (!method.equals("HEAD")) {
                body(client, head);
            }
            assertOk(client, "POST", "{}");
        }
        upstream().next();
        RawUpstream.Request first = upstream().next();
        assertThat(first.line()).startsWith(method + " /again ");
        if (status == 200) {
            assertThat(upstream().next()).isEqualTo(first);
        }
    }

    @Test
    void sendsNothingOnceMoreOnANewConnection() throws Exception {
        start((request, client) -> client.close());
        try (Socket client = gateway().connect()) {
            write(client, "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
            assertThat(head(client)).startsWith("HTTP/1.1 502 ");
        }
        assertThat(upstream().seen()).hasSize(1);
    }

    private void assertOk(Socket client, String method, String body) throws IOException {
        write(
                client,
                method + " / HTTP/1.1\r\nHost: a.test\r\n"
                        + (body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n") + "\r\n" + body);
        String head = head(client);
        assertThat(head).startsWith("HTTP/1.1 200 ");
        assertThat(body(client, head)).isEqualTo("ok");
    }

    private static String head(Socket client) throws IOException {
        return until(client, "\r\n\r\n");
    }

    private static String until(Socket client, String end) throws IOException {
        InputStream in = client.getInputStream();
        StringBuilder text = new StringBuilder();
        while (text.indexOf(end) < 0) {
            int octet = in.read();
            if (octet < 0) {
                throw new IOException("ended within: " + text);
            }
            text.append((char) octet);
        }
        return text.toString();
    }

    private static String body(Socket client, String head) throws IOException {
        String length = head.replaceAll("(?s).*\r\nContent-Length: ([0-9]+)\r\n.*", "$1");
        return new String(client.getInputStream().readNBytes(Integer.parseInt(length)), ISO_8859_1);
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) {
                throw new IOException("nothing came");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private void start(RawUpstream.Answer answer) throws IOException {
        upstream = new RawUpstream(answer);
        gateway = new GatewayUnderTest(LlmForwardingHandler.to(Upstream.of(upstream.url())));
    }

    private GatewayUnderTest gateway() {
        return Objects.requireNonNull(gateway);
    }

    private RawUpstream upstream() {
        return Objects.requireNonNull(upstream);
    }

    private static void write(Socket socket, String octets) throws IOException {
        socket.getOutputStream().write(octets.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
    }
}
