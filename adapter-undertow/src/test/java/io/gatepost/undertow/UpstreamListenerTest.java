package io.gatepost.undertow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.forward.Upstream;
import io.gatepost.policy.forward.UpstreamFailure;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What whoever counts is told of requests to an upstream: each of them once, however it ended. */
@Timeout(60)
class UpstreamListenerTest {
    private static final String GET = "GET /v1?key=secret HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";
    private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n";

    private final BlockingQueue<UpstreamCall> calls = new LinkedBlockingQueue<>();
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
        assertThat(calls).as("calls that were told twice").isEmpty();
    }

    @Test
    void tellsWhatWasAskedAndAnswered() throws Exception {
        start(RawUpstream.OK, Duration.ofMinutes(1));

        gateway().exchange(GET);

        UpstreamCall call = next();
        assertThat(call.method()).isEqualTo("GET");
        assertThat(call.path()).isEqualTo("/v1");
        assertThat(call.status()).isEqualTo(200);
        assertThat(call.failure()).isNull();
        assertThat(call.untilFirstByte()).isPositive().isLessThanOrEqualTo(call.elapsed());
    }

    @Test
    void tellsTheFirstByteOfAStreamBeforeItsEnd() throws Exception {
        CountDownLatch read = new CountDownLatch(1);
        start(
                (request, client) -> {
                    write(client, HEAD + "x".repeat(50));
                    await(read);
                    write(client, "x".repeat(50));
                },
                Duration.ofMinutes(1));

        try (Socket client = gateway().connect()) {
            write(client, GET);
            while (client.getInputStream().read() != 'x') {
                assertThat(calls).isEmpty();
            }
            read.countDown();
            client.getInputStream().readAllBytes();

            UpstreamCall call = next();
            assertThat(call.untilFirstByte()).isPositive().isLessThan(call.elapsed());
        }
    }

    @Test
    void tellsThatTheUpstreamIsNotThere() throws Exception {
        start(RawUpstream.OK, Duration.ofMinutes(1));
        Objects.requireNonNull(upstream).close();

        assertThat(gateway().exchange(GET)).startsWith("HTTP/1.1 502");

        assertThat(next())
                .extracting(UpstreamCall::status, UpstreamCall::failure)
                .containsExactly(0, UpstreamFailure.UNAVAILABLE);
    }

    @Test
    void tellsThatItIsSilent() throws Exception {
        start((request, client) -> {}, Duration.ofMillis(100));

        assertThat(gateway().exchange(GET)).startsWith("HTTP/1.1 504");

        assertThat(next())
                .extracting(UpstreamCall::status, UpstreamCall::failure)
                .containsExactly(0, UpstreamFailure.TIMEOUT);
    }

    @Test
    void tellsThatItBrokeOff() throws Exception {
        start(
                (request, client) -> {
                    write(client, HEAD + "half");
                    client.close();
                },
                Duration.ofMinutes(1));

        gateway().exchange(GET);

        assertThat(next())
                .extracting(UpstreamCall::status, UpstreamCall::failure)
                .containsExactly(200, UpstreamFailure.BROKEN_OFF);
    }

    @Test
    void tellsThatTheClientWentAway() throws Exception {
        CountDownLatch came = new CountDownLatch(1);
        start((request, client) -> came.countDown(), Duration.ofMinutes(1));

        try (Socket client = gateway().connect()) {
            write(client, GET);
            await(came);
        }

        assertThat(next())
                .extracting(UpstreamCall::status, UpstreamCall::failure)
                .containsExactly(0, UpstreamFailure.CLIENT_GONE);
    }

    private void start(RawUpstream.Answer answer, Duration timeout) throws IOException {
        upstream = new RawUpstream(answer);
        gateway = new GatewayUnderTest(LlmForwardingHandler.builder(Upstream.of(upstream.url()))
                .responseTimeout(timeout)
                .listener((exchange, call) -> calls.add(call))
                .build());
    }

    private GatewayUnderTest gateway() {
        return Objects.requireNonNull(gateway);
    }

    private UpstreamCall next() throws InterruptedException {
        return Objects.requireNonNull(calls.poll(20, TimeUnit.SECONDS), "nothing was told");
    }

    private static void write(Socket socket, String octets) throws IOException {
        socket.getOutputStream().write(octets.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
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
