package io.gatepost.samples.gateway.server;

import static io.gatepost.samples.gateway.server.HeldGateway.MANY;
import static io.gatepost.samples.gateway.server.HeldGateway.SOON;
import static io.gatepost.samples.gateway.server.HeldGateway.STREAM;
import static io.gatepost.samples.gateway.server.HeldGateway.TIMES;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A client that leaves ends the upstream's work at once, whatever it leaves by, and whatever it had so far. */
class LeavingClientsTest {
    @TempDir
    private static Path certificates;

    private static TestCertificates authority;

    @TempDir
    private Path folder;

    private @Nullable HeldGateway gateway;

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
    }

    private HeldGateway gateway() {
        return Objects.requireNonNull(gateway, "not started");
    }

    /** When a client leaves. */
    enum When {
        BEFORE_THE_HEAD(""),
        WITHIN_THE_HEAD("HTTP/1.1 200 OK\r\nContent-Ty"),
        AFTER_THE_HEAD(STREAM),
        WITHIN_THE_ANSWER(STREAM + "9\r\ndata: 1\n\n\r\n"),
        WITHIN_THE_REQUEST("");

        private final String begun;

        When(String begun) {
            this.begun = begun;
        }

        boolean isAnswered() {
            return begun.startsWith(STREAM);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "BEFORE_THE_HEAD, false", "WITHIN_THE_HEAD, false", "AFTER_THE_HEAD, false", "WITHIN_THE_ANSWER, false",
        "WITHIN_THE_REQUEST, false", "BEFORE_THE_HEAD, true", "AFTER_THE_HEAD, true", "WITHIN_THE_ANSWER, true"
    })
    void endsTheUpstreamsWorkWhereTheConnectionEnds(When when, boolean half) throws Exception {
        start(when, false);
        for (int i = 0; i < TIMES; i++) {
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port())) {
                client.getOutputStream().write(request(when).getBytes(ISO_8859_1));
                gateway().awaitHead();
                if (when.isAnswered()) {
                    assertThat(client.getInputStream().read()).isEqualTo('H');
                }
                if (half) {
                    client.shutdownOutput();
                    gateway().assertEnds();
                }
            }
            if (!half) {
                gateway().assertEnds();
            }
        }
        gateway().assertNothingIsUnderWay();
    }

    @ParameterizedTest
    @CsvSource({
        "BEFORE_THE_HEAD, false", "WITHIN_THE_HEAD, false", "AFTER_THE_HEAD, false", "WITHIN_THE_ANSWER, false",
        "WITHIN_THE_REQUEST, false", "BEFORE_THE_HEAD, true", "WITHIN_THE_ANSWER, true", "WITHIN_THE_REQUEST, true"
    })
    void endsTheUpstreamsWorkWhereTheStreamIsReset(When when, boolean tls) throws Exception {
        start(when, tls);
        try (FrameClient client = connect(tls)) {
            for (int i = 0; i < TIMES; i++) {
                int stream = open(client, when);
                client.reset(stream);
                gateway().assertEnds();
            }
        }
        gateway().assertNothingIsUnderWay();
    }

    @ParameterizedTest
    @CsvSource({"BEFORE_THE_HEAD, false", "WITHIN_THE_ANSWER, false", "WITHIN_THE_REQUEST, true"})
    void endsTheUpstreamsWorkWhereTheConnectionOfAStreamEnds(When when, boolean tls) throws Exception {
        start(when, tls);
        for (int i = 0; i < TIMES; i++) {
            try (FrameClient client = connect(tls)) {
                open(client, when);
            }
            gateway().assertEnds();
        }
        gateway().assertNothingIsUnderWay();
    }

    /** Many at once: none may be forgotten, and none may hold up the end. */
    @Test
    void forgetsNoneOfManyStreams() throws Exception {
        start(When.BEFORE_THE_HEAD, false);
        try (FrameClient client = connect(false)) {
            for (int i = 0; i < 100; i++) {
                client.reset(client.get("/v1"));
            }
            int last = client.get("/last");
            String head = gateway().awaitHead();
            while (!head.startsWith("GET /last ")) {
                head = gateway().awaitHead();
            }
            client.reset(last);
            gateway().assertNothingIsUnderWay();
        }
    }

    private static String request(When when) {
        return when == When.WITHIN_THE_REQUEST
                ? "POST /v1 HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100\r\n\r\nhello"
                : "GET /v1 HTTP/1.1\r\nHost: a.test\r\n\r\n";
    }

    private int open(FrameClient client, When when) throws Exception {
        int stream;
        if (when == When.WITHIN_THE_REQUEST) {
            stream = client.open(false, FrameClient.request("POST", "/v1"));
            client.data(stream, "hello".getBytes(ISO_8859_1), false);
        } else {
            stream = client.get("/v1");
        }
        gateway().awaitHead();
        if (when == When.AFTER_THE_HEAD) {
            assertThat(client.await(stream, SOON, answer -> answer.status() > 0).status())
                    .isEqualTo(200);
        } else if (when == When.WITHIN_THE_ANSWER) {
            assertThat(client.await(stream, SOON, answer -> !answer.body().isEmpty())
                            .body())
                    .isEqualTo("data: 1\n\n");
        }
        return stream;
    }

    private int port() {
        return gateway().port();
    }

    private FrameClient connect(boolean tls) throws Exception {
        return tls ? FrameClient.tls(port(), authority.client(null)) : FrameClient.clear(port());
    }

    private void start(When when, boolean tls) throws IOException {
        @Nullable
        TlsFiles files = tls
                ? new TlsFiles(certificates.resolve("cert.pem"), certificates.resolve("key.pem"), null, false)
                : null;
        gateway = new HeldGateway(folder, when.begun, files, MANY);
    }
}
