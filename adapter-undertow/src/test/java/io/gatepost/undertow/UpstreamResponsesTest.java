package io.gatepost.undertow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.forward.Upstream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What upstreams answer, well-formed or not, and what a client gets of it. */
class UpstreamResponsesTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

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
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
                "HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nok!",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: \r\nContent-Length: 2\r\n\r\nok",
                "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\nok",
                "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\rX-C: d\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\u0000c\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX A: b\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-\u00e4: b\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n: b\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nno colon\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nX-A: b\r\n folded\r\nContent-Length: 2\r\n\r\nok",
                "\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                "HTTP/1.1 099 Low\r\nContent-Length: 2\r\n\r\nok",
                "HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok",
                "HTTP/1.1 200 O\u0000K\r\nContent-Length: 2\r\n\r\nok",
                "HTTP/2 200\r\nContent-Length: 2\r\n\r\nok",
                "ICY 200 OK\r\nContent-Length: 2\r\n\r\nok",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
                "ok\r\n\r\n"
            })
    void passesNothingOnOfAResponseWithTwoReadings(String response) throws Exception {
        start((request, client) -> write(client, request.target().equals("/odd") ? response : OK));
        try (Socket client = gateway().connect()) {
            write(client, "GET /odd HTTP/1.1\r\nHost: a.test\r\n\r\n");
            String refused = head(client);
            assertThat(refused).startsWith("HTTP/1.1 502 ").doesNotContain("X-A");
            assertThat(body(client, refused))
                    .contains("\"code\":\"upstream_unavailable\"")
                    .doesNotContain("ok");

            assertOk(client);
        }
        assertThat(upstream().connections()).as("connections").isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 102 Processing\r\n\r\n",
                "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nX: y\r\n\r\nHTTP/1.1 102\r\n\r\n"
            })
    void waitsForTheAnswerBehindInterimOnes(String interim) throws Exception {
        start((request, client) -> write(client, interim + OK));
        try (Socket client = gateway().connect()) {
            assertOk(client);
            assertOk(client);
        }
        assertThat(upstream().connections()).isEqualTo(1);
    }

    @Test
    void waitsForTheAnswerWhereInterimOnesComeBeforeTheirTime() throws Exception {
        start((request, client) -> {
            for (String piece :
                    "HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n~HTTP/1.1 2~00 OK\r\nContent-Len~gth: 2\r\n\r~\nok"
                            .split("~", -1)) {
                write(client, piece);
            }
        });
        try (Socket client = gateway().connect()) {
            assertOk(client);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, GET, HTTP/1.1 304 Not Modified|Content-Length: 5||",
        "2, GET, HTTP/1.1 304 Not Modified|Transfer-Encoding: chunked||",
        "2, GET, HTTP/1.1 204 No Content|Content-Length: 5||",
        "1, GET, HTTP/1.1 204 No Content||",
        "1, HEAD, HTTP/1.1 200 OK|Content-Length: 5||",
        "2, HEAD, HTTP/1.1 200 OK|Transfer-Encoding: chunked||",
        "1, HEAD, HTTP/1.1 304 Not Modified|Content-Length: 5||",
        "1, HEAD, HTTP/1.1 404 Not Found||"
    })
    void keepsTheClientsConnectionBehindAResponseWithoutABodyAndTheUpstreamsWhereNoneIsAnnounced(
            int connections, String method, String response) throws Exception {
        start((request, client) -> write(client, request.target().equals("/") ? OK : response.replace("|", "\r\n")));
        try (Socket client = gateway().connect()) {
            write(client, method + " /none HTTP/1.1\r\nHost: a.test\r\n\r\n");
            assertThat(head(client)).startsWith(response.substring(0, 12));
            assertOk(client);
            assertOk(client);
        }
        assertThat(upstream().connections()).isEqualTo(connections);
    }

    @Test
    void tellsTheLengthOfWhatAHeadRequestWouldHaveGot() throws Exception {
        start((request, client) -> write(client, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));
        try (Socket client = gateway().connect()) {
            write(client, "HEAD /none HTTP/1.1\r\nHost: a.test\r\n\r\n");
            assertThat(head(client)).contains("\r\nContent-Length: 5\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"x\r\nok\r\n0\r\n\r\n", "\r\nok\r\n0\r\n\r\n", "2\nok\n0\n\n", "2\r\nokay\r\n0\r\n\r\n", "-2\r\n"
            })
    void breaksOffWhereChunksAreNone(String chunks) throws Exception {
        start((request, client) -> write(client, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks));

        assertThat(gateway().exchange("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")).doesNotEndWith("0\r\n\r\n");
        assertThat(upstream().nextEnd()).isEqualTo("between requests");
    }

    @Test
    void passesChunksOnWhateverTheirPieces() throws Exception {
        String chunks = "4;a=b\r\nWiki\r\n005\r\npedia\r\nE\r\n in \r\n\r\nchunks\r\n0\r\nTrailer: x\r\n\r\n";
        start((request, client) -> {
            write(client, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            int size = Integer.parseInt(request.target().substring(1));
            for (int i = 0; i < chunks.length(); i += size) {
                write(client, chunks.substring(i, Math.min(chunks.length(), i + size)));
            }
        });
        for (int size : new int[] {1, 2, 3, 5, 7, 1000}) {
            String response = gateway().exchange("GET /" + size + " HTTP/1.0\r\nHost: a.test\r\n\r\n");
            assertThat(response).as("in pieces of " + size).endsWith("\r\n\r\nWikipedia in \r\n\r\nchunks");
        }
        // One for each I/O thread.
        assertThat(upstream().connections()).isLessThanOrEqualTo(2);
    }

    private void assertOk(Socket client) throws IOException {
        write(client, "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
        String head = head(client);
        assertThat(head).startsWith("HTTP/1.1 200 ");
        assertThat(body(client, head)).isEqualTo("ok");
    }

    /** A head with its end. */
    private static String head(Socket client) throws IOException {
        InputStream in = client.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int octet = in.read();
            if (octet < 0) {
                throw new IOException("ended within: " + head);
            }
            head.append((char) octet);
        }
        return head.toString();
    }

    private static String body(Socket client, String head) throws IOException {
        String length = head.replaceAll("(?s).*\r\nContent-Length: ([0-9]+)\r\n.*", "$1");
        return new String(client.getInputStream().readNBytes(Integer.parseInt(length)), ISO_8859_1);
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
