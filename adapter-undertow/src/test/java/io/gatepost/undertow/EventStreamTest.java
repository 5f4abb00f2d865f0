package io.gatepost.undertow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.policy.forward.Upstream;
import io.gatepost.testkit.TestCertificate;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Events of an upstream, over every protocol that a client may speak. */
class EventStreamTest {
    private static final TestCertificate CERTIFICATE = TestCertificate.of("localhost");
    private static final String HEAD =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final int EVENTS = 12;

    /** How far apart events are sent, in milliseconds: 50, or as the system property says. */
    private static final int APART = Integer.getInteger("gatepost.events.apart", 50);

    private enum Protocol {
        HTTP_1_1(false, HttpClient.Version.HTTP_1_1),
        HTTP_1_1_IN_TLS(true, HttpClient.Version.HTTP_1_1),
        H2C_BY_UPGRADE(false, HttpClient.Version.HTTP_2),
        H2_BY_ALPN(true, HttpClient.Version.HTTP_2);

        private final boolean tls;
        private final HttpClient.Version version;

        Protocol(boolean tls, HttpClient.Version version) {
            this.tls = tls;
            this.version = version;
        }
    }

    @ParameterizedTest
    @EnumSource
    void arriveEachOnItsOwnBeforeTheNextIsSent(Protocol protocol, TestReporter report) throws Exception {
        List<Long> sent = new CopyOnWriteArrayList<>();
        RawUpstream.Answer answer = (request, client) -> {
            write(client, HEAD);
            for (int i = 0; i < EVENTS; i++) {
                LockSupport.parkNanos(APART * 1_000_000L);
                sent.add(System.nanoTime());
                write(client, chunk("data: " + i + "\n\n"));
            }
            write(client, "0\r\n\r\n");
        };
        try (RawUpstream upstream = new RawUpstream(answer);
                GatewayUnderTest gateway = gateway(upstream)) {
            HttpResponse<InputStream> response = get(gateway, protocol);
            assertThat(response.version()).isEqualTo(protocol.version);
            List<Long> late = new ArrayList<>();
            BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), ISO_8859_1));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isEmpty()) {
                    assertThat(line).isEqualTo("data: " + late.size());
                    late.add(System.nanoTime() - sent.get(late.size()));
                }
            }
            assertThat(late).hasSize(EVENTS);
            late.sort(null);
            Duration median = Duration.ofNanos(late.get(EVENTS / 2));
            report.publishEntry(protocol.name(), "late by " + median.toNanos() / 1000 + " us in the median");
            assertThat(median).isLessThan(Duration.ofMillis(APART));
        }
    }

    /** What came is the client's, and it can't take it for the whole. */
    @ParameterizedTest
    @EnumSource
    void endWithAFailureWhereTheUpstreamBreaksOff(Protocol protocol) throws Exception {
        Semaphore arrived = new Semaphore(0);
        RawUpstream.Answer answer = (request, client) -> {
            write(client, HEAD);
            write(client, chunk("data: 0\n\n"));
            await(arrived);
            client.close();
        };
        try (RawUpstream upstream = new RawUpstream(answer);
                GatewayUnderTest gateway = gateway(upstream)) {
            InputStream body = get(gateway, protocol).body();
            assertThat(body.readNBytes(9)).asString(ISO_8859_1).isEqualTo("data: 0\n\n");
            arrived.release();

            assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
        }
    }

    private static GatewayUnderTest gateway(RawUpstream upstream) {
        return new GatewayUnderTest(
                LlmForwardingHandler.to(Upstream.of(upstream.url())),
                TrustedProxies.NONE,
                (request, decision, elapsed) -> {},
                builder -> builder);
    }

    private static HttpResponse<InputStream> get(GatewayUnderTest gateway, Protocol protocol) throws Exception {
        int port = gateway.http2Port(protocol.tls ? CERTIFICATE.serving() : null);
        URI url = URI.create((protocol.tls ? "https" : "http") + "://localhost:" + port + "/v1/events");
        return HttpClient.newBuilder()
                .version(protocol.version)
                .sslContext(CERTIFICATE.trusting())
                .build()
                .send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofInputStream());
    }

    private static void await(Semaphore semaphore) throws IOException {
        try {
            if (!semaphore.tryAcquire(20, TimeUnit.SECONDS)) {
                throw new IOException("nothing arrived");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    private static void write(Socket socket, String octets) throws IOException {
        socket.getOutputStream().write(octets.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
    }
}
