package io.gatepost.samples.gateway.server;

import static io.gatepost.samples.gateway.server.Http2Client.CONTINUATION;
import static io.gatepost.samples.gateway.server.Http2Client.DATA;
import static io.gatepost.samples.gateway.server.Http2Client.END_HEADERS;
import static io.gatepost.samples.gateway.server.Http2Client.END_STREAM;
import static io.gatepost.samples.gateway.server.Http2Client.HEADERS;
import static io.gatepost.samples.gateway.server.Http2Client.PING;
import static io.gatepost.samples.gateway.server.Http2Client.PRIORITY;
import static io.gatepost.samples.gateway.server.Http2Client.PUSH_PROMISE;
import static io.gatepost.samples.gateway.server.Http2Client.RESET;
import static io.gatepost.samples.gateway.server.Http2Client.SETTINGS;
import static io.gatepost.samples.gateway.server.Http2Client.WINDOW_UPDATE;
import static io.gatepost.samples.gateway.server.Http2Client.get;
import static io.gatepost.samples.gateway.server.Http2Client.request;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.testkit.ScriptedUpstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one HTTP/2 connection may ask for. */
class Http2LimitsTest {
    private static final int WHOLE = END_HEADERS | END_STREAM;
    private static final int CALM = 11;
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final byte[] NOTHING = {};

    @TempDir
    private Path folder;

    private final CountDownLatch go = new CountDownLatch(1);
    private @Nullable Http2Gateway gateway;

    @AfterEach
    void stop() throws IOException {
        go.countDown();
        if (gateway != null) {
            gateway.close();
        }
    }

    private Http2Client connect(ScriptedUpstream.Script script, int streams, Duration head, Duration idle)
            throws IOException {
        Limits limits = new Limits(32 * 1024, 1 << 20, 100, streams, head, idle, LONG);
        gateway = Http2Gateway.start(folder, script, options -> options.limits(limits));
        return gateway.connect();
    }

    private Http2Client connect() throws IOException {
        return connect(Http2Gateway.ok(), 100, LONG, LONG);
    }

    @Test
    void resetsStreamsBeyondTheLimitAndTakesOthersOnceSomeHaveEnded() throws IOException {
        ScriptedUpstream.Script waits = (received, out) -> {
            if (!go.await(30, TimeUnit.SECONDS)) {
                throw new IOException("never");
            }
            out.write(ScriptedUpstream.response("200 OK", "ok").getBytes(ISO_8859_1));
        };
        try (Http2Client client = connect(waits, 5, LONG, LONG)) {
            for (int stream = 1; stream <= 15; stream += 2) {
                client.frame(HEADERS, WHOLE, stream, get("/v1"));
            }
            for (int stream = 11; stream <= 15; stream += 2) {
                assertThat(client.answer(stream).reset()).isTrue();
            }
            go.countDown();
            for (int stream = 1; stream <= 9; stream += 2) {
                assertThat(client.answer(stream).status()).isEqualTo("200");
            }
            client.frame(HEADERS, WHOLE, 17, get("/v1"));
            assertThat(client.answer(17).status()).isEqualTo("200");
        }
    }

    @Test
    void resetsOnlyTheStreamOfAHeadBeyondTheLimit() throws IOException {
        try (Http2Client client = connect()) {
            send(client, 1, get("/v1", "x-long", "x".repeat(30_000)));
            assertThat(client.answer(1).status()).isEqualTo("200");
            send(client, 3, get("/v1", "x-long", "x".repeat(33_000)));
            assertThat(client.answer(3).reset()).isTrue();
            send(client, 5, get("/v1", "x-long", "x".repeat(1000)));
            assertThat(client.answer(5).status()).isEqualTo("200");
        }
    }

    private static void send(Http2Client client, int stream, byte[] head) throws IOException {
        for (int at = 0; at < head.length; at += 16_000) {
            int end = Math.min(head.length, at + 16_000);
            int flags = (at == 0 ? END_STREAM : 0) | (end == head.length ? END_HEADERS : 0);
            byte[] part = java.util.Arrays.copyOfRange(head, at, end);
            client.frame(at == 0 ? HEADERS : CONTINUATION, flags, stream, part);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {DATA, PRIORITY, SETTINGS, PING, CONTINUATION, 77})
    void endsAConnectionThatSendsNothingButFramesWithoutARequest(int type) throws IOException {
        try (Http2Client client = connect()) {
            client.frame(HEADERS, type == CONTINUATION ? 0 : END_HEADERS, 1, request("POST", "/v1"));
            ByteArrayOutputStream flood = new ByteArrayOutputStream();
            byte[] payload = new byte[type == PING ? 8 : type == PRIORITY ? 5 : 0];
            int stream = type == SETTINGS || type == PING ? 0 : 1;
            for (int i = 0; i < 3000; i++) {
                flood.writeBytes(Http2Client.frameOf(type, 0, stream, payload));
            }
            assertFloodEnds(client, flood.toByteArray());
        }
    }

    @Test
    void endsAConnectionThatTakesItsRequestsBack() throws IOException {
        ByteArrayOutputStream flood = new ByteArrayOutputStream();
        for (int stream = 1; stream < 2000; stream += 2) {
            flood.writeBytes(Http2Client.frameOf(HEADERS, WHOLE, stream, get("/v1")));
            flood.writeBytes(Http2Client.frameOf(RESET, 0, stream, new byte[4]));
        }
        try (Http2Client client = connect()) {
            assertFloodEnds(client, flood.toByteArray());
            assertThat(gateway().upstream().received()).hasSizeLessThan(300);
        }
    }

    @Test
    void endsAConnectionWithNothingButMalformedRequests() throws IOException {
        ByteArrayOutputStream flood = new ByteArrayOutputStream();
        for (int stream = 1; stream < 2000; stream += 2) {
            flood.writeBytes(Http2Client.frameOf(HEADERS, WHOLE, stream, get("/v1", "Upper", "1")));
        }
        try (Http2Client client = connect()) {
            assertFloodEnds(client, flood.toByteArray());
        }
    }

    private static void assertFloodEnds(Http2Client client, byte[] flood) throws IOException {
        try {
            client.send(flood);
        } catch (SocketException ended) {
            return;
        }
        // Where what it sent was not read to its end, the goodbye may be lost.
        assertThat(client.end()).isIn(CALM, -1);
    }

    @ParameterizedTest
    @ValueSource(ints = {DATA, RESET, WINDOW_UPDATE, PUSH_PROMISE, CONTINUATION})
    void endsAConnectionWithFramesOfNoStream(int type) throws IOException {
        try (Http2Client client = connect()) {
            client.frame(type, 0, type == CONTINUATION ? 1 : 7, new byte[4]);

            assertThat(client.end()).isEqualTo(1);
        }
    }

    @Test
    void compressesWithinTheUsualTableWhateverTheClientOffers() throws IOException {
        try (Http2Client client = connect()) {
            client.frame(
                    SETTINGS,
                    0,
                    0,
                    ByteBuffer.allocate(6).putShort((short) 1).putInt(-1).array());
            for (int stream = 1; stream < 200; stream += 2) {
                client.frame(HEADERS, WHOLE, stream, get("/v1"));
                // The client's own decoder fails beyond 4,096 octets.
                assertThat(client.answer(stream).status()).isEqualTo("200");
            }
        }
    }

    @Test
    void letsBodiesPassThatNobodyReadsWithoutNarrowingTheConnection() throws IOException {
        byte[] part = new byte[16_000];
        try (Http2Client client = connect()) {
            int stream = 1;
            for (; stream < 41; stream += 2) {
                client.frame(HEADERS, END_HEADERS, stream, request("POST", "/v1", "Upper", "1"));
                client.frame(DATA, END_STREAM, stream, part);
                assertThat(client.answer(stream).reset()).isTrue();
            }
            client.frame(HEADERS, END_HEADERS, stream, request("POST", "/v1"));
            client.frame(DATA, END_STREAM, stream, part);
            assertThat(client.answer(stream).status()).isEqualTo("200");
        }
    }

    @Test
    void endsConnectionsWhoseHeadOrNextRequestDoesNotCome() throws IOException {
        Duration brief = Duration.ofMillis(300);
        try (Http2Client client = connect(Http2Gateway.ok(), 100, brief, LONG)) {
            client.frame(HEADERS, 0, 1, get("/v1"));
            assertThat(client.end()).isZero();
        }
        gateway().close();
        try (Http2Client client = connect(Http2Gateway.ok(), 100, LONG, brief)) {
            assertThat(client.end()).isZero();
        }
    }

    @Test
    void endsConnectionsThatDoNotEvenBegin() throws IOException {
        Duration brief = Duration.ofMillis(300);
        try (Http2Client settled = connect(Http2Gateway.ok(), 100, brief, LONG);
                Http2Client client = Http2Client.silent(gateway().port(), null)) {
            client.send("PRI * HT".getBytes(ISO_8859_1));
            assertThat(client.end()).isEqualTo(-1);
            settled.frame(HEADERS, WHOLE, 1, get("/v1"));
            assertThat(settled.answer(1).status()).isEqualTo("200");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void switchesToHttp2OnlyWhereAskedTo(boolean taken) throws IOException {
        gateway = Http2Gateway.start(folder, Http2Gateway.ok(), options -> options.h2cUpgrade(taken));
        try (RawClient client = new RawClient(gateway.port())) {
            String settings = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAH_____\r\n";
            client.send("GET /v1 HTTP/1.1\r\nHost: a.test\r\n" + settings + "\r\n");

            assertThat(client.until("\r\n"))
                    .isEqualTo(taken ? "HTTP/1.1 101 Switching Protocols\r\n" : "HTTP/1.1 200 OK\r\n");
            if (taken) {
                client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
                client.send(new String(Http2Client.frameOf(SETTINGS, 0, 0, NOTHING), ISO_8859_1));
                client.until("ok");
                byte[] smuggled = get("/v1", "x-a", "1\r\nx-admin: 1");
                client.send(new String(Http2Client.frameOf(HEADERS, WHOLE, 3, smuggled), ISO_8859_1));
                // A frame that resets stream 3.
                client.until("\u0000\u0000\u0004\u0003\u0000\u0000\u0000\u0000\u0003");
                assertThat(gateway.upstream().received()).hasSize(1);
            }
        }
    }

    private Http2Gateway gateway() {
        if (gateway == null) {
            throw new IllegalStateException("not started");
        }
        return gateway;
    }
}
