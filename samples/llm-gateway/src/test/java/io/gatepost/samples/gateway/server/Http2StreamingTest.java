package io.gatepost.samples.gateway.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.testkit.ScriptedUpstream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of events over HTTP/2. */
class Http2StreamingTest {
    private static final String MANIFESTS = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: gw}
            spec:
              gatewayClassName: agentgateway
              listeners: [{name: http, protocol: HTTP, port: 80}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: up}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: a}
            spec:
              parentRefs: [{name: gw}]
              rules: [{backendRefs: [{name: up, port: 80}]}]
            """;
    private static final String HEAD =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private static Path certificates;

    private static TestCertificates authority;

    @TempDir
    private Path folder;

    private final Semaphore go = new Semaphore(0);
    private @Nullable ScriptedUpstream upstream;
    private @Nullable GatewayServer gateway;

    @BeforeAll
    static void issueCertificates() throws Exception {
        authority = new TestCertificates(certificates);
        TestCertificates.Pair server = authority.issue("server", "EC", "CN=localhost", "dns:localhost");
        Files.writeString(certificates.resolve("cert.pem"), server.certificatePem());
        Files.writeString(certificates.resolve("key.pem"), server.keyPem());
    }

    @AfterEach
    void stop() throws IOException {
        gateway().close();
        upstream().close();
    }

    private ScriptedUpstream upstream() {
        return Objects.requireNonNull(upstream, "not started");
    }

    private GatewayServer gateway() {
        return Objects.requireNonNull(gateway, "not started");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void passesTheHeadOnAtOnceAndEachEventOnItsOwn(boolean tls) throws Exception {
        start(tls, out -> {
            for (int i = 0; i < 20; i++) {
                await();
                write(out, "9\r\ndata: " + (char) ('a' + i) + "\n\n\r\n");
            }
            write(out, "0\r\n\r\n");
        });
        try (FrameClient client = connect(tls)) {
            int stream = client.get("/events");
            StreamAnswer answer = client.await(stream, SOON, head -> head.status() > 0);
            assertThat(answer.header("content-type")).isEqualTo("text/event-stream");
            StringBuilder events = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                events.append("data: ").append((char) ('a' + i)).append("\n\n");
                go.release();
                client.await(stream, SOON, more -> more.body().length() >= events.length());
                assertThat(answer.body()).isEqualTo(events.toString());
            }
            assertThat(client.await(stream).isWhole()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"'9\r\ndata: a\n\n\r\n', false", "'9\r\ndata: a\n\n\r\n', true", "'', false", "'x', false"})
    void resetsTheStreamWhereTheUpstreamBreaksOff(String begun, boolean tls) throws Exception {
        start(tls, out -> {
            write(out, begun);
            await();
            throw new IOException("broken off");
        });
        try (FrameClient client = connect(tls)) {
            int stream = client.get("/events");
            client.await(stream, SOON, head -> head.status() > 0);
            if (begun.length() > 1) {
                client.await(stream, SOON, more -> !more.body().isEmpty());
            }
            go.release();

            StreamAnswer answer = client.await(stream);
            assertThat(answer.isReset()).isTrue();
            assertThat(answer.isWhole()).isFalse();
            assertThat(answer.body()).isEqualTo(begun.length() > 1 ? "data: a\n\n" : "");
            // Other streams go on.
            go.release();
            assertThat(client.await(client.get("/events")).status()).isEqualTo(200);
        }
    }

    private void await() throws IOException {
        try {
            if (!go.tryAcquire(SOON.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("nobody went on");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(ISO_8859_1));
    }

    private FrameClient connect(boolean tls) throws Exception {
        int port = gateway().url().getPort();
        return tls ? FrameClient.tls(port, authority.client(null)) : FrameClient.clear(port);
    }

    /** What an upstream does behind a head. */
    private interface Body {
        void to(OutputStream out) throws IOException;
    }

    private void start(boolean tls, Body body) throws IOException {
        upstream = ScriptedUpstream.start((request, out) -> {
            write(out, HEAD);
            body.to(out);
        });
        Path manifests = Files.writeString(folder.resolve("gateway.yaml"), MANIFESTS);
        @Nullable
        TlsFiles files = tls
                ? new TlsFiles(certificates.resolve("cert.pem"), certificates.resolve("key.pem"), null, false)
                : null;
        gateway = GatewayServer.start(ServeOptions.builder(manifests)
                .listen(new ServeOptions.Listen("127.0.0.1", 0, 0))
                .upstreams(new ServeOptions.Upstreams(false, upstream().base(), Map.of()))
                .tls(files)
                .build());
    }
}
