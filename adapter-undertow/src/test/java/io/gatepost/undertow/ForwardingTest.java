package io.gatepost.undertow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.policy.forward.Upstream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens between client and upstream while a request is on its way. */
class ForwardingTest {
    private static final String GET = "GET /v1 HTTP/1.1\r\nHost: a.test\r\n";
    private static final String HOP_BY_HOP_RESPONSE = String.join(
            "\r\n",
            "HTTP/1.1 200 OK",
            "Connection: X-Back",
            "X-Back: 1",
            "Keep-Alive: timeout=5",
            "X-End: 1",
            "Content-Length: 0",
            "",
            "");
    private static final String SSE_HEAD =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

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

    @Test
    void passesNoHeaderOnThatConcernsOneHop() throws Exception {
        start((request, client) -> write(client, HOP_BY_HOP_RESPONSE));

        String response = gateway()
                .exchange(GET + "X-Hop: 1\r\nTE: trailers\r\nProxy-Authorization: x\r\n"
                        + "Upgrade: h2c\r\nConnection: close, X-Hop, Upgrade\r\n\r\n");

        RawUpstream.Request sent = upstream().next();
        for (String name : List.of("x-hop", "te", "proxy-authorization", "upgrade", "connection")) {
            assertThat(sent.values(name)).as(name).isEmpty();
        }
        assertThat(response).contains("X-End: 1").doesNotContain("X-Back").doesNotContain("Keep-Alive");
    }

    @Test
    void sendsTheHeadOfASilentStreamAtOnce() throws Exception {
        start((request, client) -> write(client, SSE_HEAD));

        try (Socket client = gateway().connect()) {
            write(client, GET + "\r\n");

            assertThat(lines(client).readLine()).isEqualTo("HTTP/1.1 200 OK");
        }
    }

    @Test
    void passesEventsOnOneByOne() throws Exception {
        CountDownLatch read = new CountDownLatch(1);
        start((request, client) -> {
            write(client, SSE_HEAD + "8\r\ndata: 1\n\r\n");
            await(read);
            write(client, "8\r\ndata: 2\n\r\n0\r\n\r\n");
        });

        try (Socket client = gateway().connect()) {
            write(client, GET + "\r\n");
            BufferedReader lines = lines(client);
            assertThat(lines.lines().filter(line -> line.startsWith("data")).findFirst())
                    .contains("data: 1");
            read.countDown();
            assertThat(lines.lines().filter(line -> line.startsWith("data")).findFirst())
                    .contains("data: 2");
        }
    }

    @Test
    void endsTheUpstreamsRequestWhereTheClientGoesAway() throws Exception {
        start((request, client) -> write(client, SSE_HEAD));

        try (Socket client = gateway().connect()) {
            write(client, GET + "\r\n");
            assertThat(lines(client).readLine()).isEqualTo("HTTP/1.1 200 OK");
        }

        assertThat(upstream().nextEnd()).isEqualTo("between requests");
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void endsTheUpstreamsRequestWhereTheClientCancelsBeforeAnyAnswer(HttpClient.Version version) throws Exception {
        CountDownLatch came = new CountDownLatch(1);
        start((request, client) -> came.countDown());
        HttpClient client = HttpClient.newBuilder().version(version).build();

        var response =
                client.sendAsync(HttpRequest.newBuilder(gateway().url("/v1")).build(), BodyHandlers.ofString());
        await(came);
        response.cancel(true);

        assertThat(upstream().nextEnd()).isEqualTo("between requests");
    }

    @ParameterizedTest
    @CsvSource({"Transfer-Encoding: chunked, '5\r\nhello\r\n'", "Content-Length: 100, hello"})
    void neverMakesAWholeRequestOfABodyThatBreaksOff(String framing, String body) throws Exception {
        start(RawUpstream.OK);

        try (Socket client = gateway().connect()) {
            write(client, "POST /v1 HTTP/1.1\r\nHost: a.test\r\n" + framing + "\r\n\r\n" + body);
        }

        assertThat(upstream().nextEnd()).isEqualTo("within a request");
        assertThat(upstream().seen()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"Transfer-Encoding: chunked, '5\r\nhello\r\n'", "Content-Length: 100, hello"})
    void neverMakesAWholeResponseOfOneThatBreaksOff(String framing, String body) throws Exception {
        start((request, client) -> {
            write(client, "HTTP/1.1 200 OK\r\n" + framing + "\r\n\r\n" + body);
            client.close();
        });

        String response = gateway().exchange(GET + "\r\n");

        assertThat(response).contains("hello").doesNotEndWith("0\r\n\r\n");
    }

    @Test
    void answers502InOpenAisShapeWhereTheUpstreamIsNotThere() throws Exception {
        start(RawUpstream.OK);
        upstream().close();

        assertThat(gateway().exchange(GET + "Connection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 502")
                .contains("\"code\":\"upstream_unavailable\"");
    }

    @Test
    void answers504WhereTheUpstreamStaysSilent() throws Exception {
        upstream = new RawUpstream((request, client) -> {});
        gateway = new GatewayUnderTest(LlmForwardingHandler.builder(Upstream.of(upstream.url()))
                .responseTimeout(Duration.ofMillis(100))
                .build());

        assertThat(gateway.exchange(GET + "Connection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 504")
                .contains("\"code\":\"upstream_timeout\"");
    }

    @Test
    void passesErrorsAndEncodedBodiesOnAsTheyAre() throws Exception {
        start(
                (request, client) -> write(
                        client,
                        "HTTP/1.1 429 Too Many\r\nContent-Encoding: gzip\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\n\u001f\u008b\u0000\u00ff"));

        assertThat(gateway().exchange(GET + "Accept-Encoding: gzip\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 429")
                .contains("Content-Encoding: gzip")
                .contains("Retry-After: 7")
                .endsWith("\r\n\r\n\u001f\u008b\u0000\u00ff");
        assertThat(upstream().next())
                .extracting(sent -> sent.values("accept-encoding"))
                .isEqualTo(List.of("gzip"));
    }

    @Test
    void usesAConnectionAgain() throws Exception {
        start(RawUpstream.OK);
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(gateway().url("/v1"))
                .POST(BodyPublishers.ofString("{}"))
                .build();
        for (int i = 0; i < 20; i++) {
            assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("ok");
        }

        // One connection of the client is on one thread, and so is one to the upstream.
        assertThat(upstream().connections()).isEqualTo(1);
    }

    @Test
    void passesTraceContextOn() throws Exception {
        start(RawUpstream.OK);
        String parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

        gateway().exchange(GET + "traceparent: " + parent + "\r\ntracestate: a=b\r\nConnection: close\r\n\r\n");

        RawUpstream.Request sent = upstream().next();
        assertThat(sent.values("traceparent")).containsExactly(parent);
        assertThat(sent.values("tracestate")).containsExactly("a=b");
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.0/8, 127.0.0.1, http, a.test", "127.0.0.0/8, 6.6.6.6, https, public.test"})
    void believesOnlyTrustedProxies(String trusted, String address, String scheme, String host) throws Exception {
        upstream = new RawUpstream(RawUpstream.OK);
        gateway = new GatewayUnderTest(
                LlmForwardingHandler.to(Upstream.of(upstream.url())),
                TrustedProxies.of(List.of(trusted)),
                (request, decision, elapsed) -> assertThat(
                                List.of(request.sourceAddress(), request.scheme(), request.host()))
                        .containsExactly(address, scheme, host),
                builder -> builder);

        String response = gateway.exchange(GET + "X-Forwarded-For: 1.1.1.1, 6.6.6.6, 127.0.0.2\r\n"
                + "X-Forwarded-Proto: https\r\nX-Forwarded-Host: public.test\r\nX-Real-IP: 9.9.9.9\r\n"
                + "Forwarded: for=8.8.8.8\r\nConnection: close\r\n\r\n");

        assertThat(response).contains(" 200 OK");
        RawUpstream.Request sent = upstream.next();
        assertThat(sent.values("x-forwarded-for")).containsExactly(address);
        assertThat(sent.values("x-forwarded-proto")).containsExactly(scheme);
        assertThat(sent.values("x-forwarded-host")).containsExactly(host);
        assertThat(sent.values("forwarded"))
                .containsExactly("for=" + address + ";host=\"" + host + "\";proto=" + scheme);
        assertThat(sent.values("x-real-ip")).isEmpty();
    }

    @Test
    void takesNoMoreFromTheUpstreamThanASlowClientTakesAndKeepsServingOthers() throws Exception {
        AtomicLong written = new AtomicLong();
        byte[] block = new byte[64 * 1024];
        long size = 256L * 1024 * 1024;
        start((request, client) -> {
            boolean large = request.target().equals("/large");
            write(
                    client,
                    "HTTP/1.1 200 OK\r\nContent-Length: " + (large ? size : 2) + "\r\n\r\n" + (large ? "" : "ok"));
            for (long left = large ? size : 0; left > 0; left -= block.length) {
                client.getOutputStream().write(block);
                written.addAndGet(block.length);
            }
        });

        try (Socket slow = gateway().connect()) {
            write(slow, GET.replace("/v1", "/large") + "\r\n");
            assertThat(slow.getInputStream().read()).isEqualTo('H');
            for (int i = 0; i < 50; i++) {
                assertThat(gateway().exchange(GET + "Connection: close\r\n\r\n"))
                        .endsWith("ok");
                assertThat(slow.getInputStream().read()).isPositive();
            }

            // What does not fit the sockets' own buffers stays with the upstream.
            assertThat(written.get()).isLessThan(size / 4);
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
        OutputStream out = socket.getOutputStream();
        out.write(octets.getBytes(ISO_8859_1));
        out.flush();
    }

    private static BufferedReader lines(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
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
}
