package io.gatepost.samples.gateway.server;

import static io.gatepost.samples.gateway.server.Http2Client.CONTINUATION;
import static io.gatepost.samples.gateway.server.Http2Client.DATA;
import static io.gatepost.samples.gateway.server.Http2Client.END_HEADERS;
import static io.gatepost.samples.gateway.server.Http2Client.END_STREAM;
import static io.gatepost.samples.gateway.server.Http2Client.HEADERS;
import static io.gatepost.samples.gateway.server.Http2Client.PADDED;
import static io.gatepost.samples.gateway.server.Http2Client.block;
import static io.gatepost.samples.gateway.server.Http2Client.get;
import static io.gatepost.samples.gateway.server.Http2Client.request;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.samples.gateway.server.Http2Client.Answer;
import io.gatepost.testkit.ScriptedUpstream.Received;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What RFC 9113 calls malformed never reaches an upstream, and costs nobody else an answer. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class Http2Contract {
    private static final int WHOLE = END_HEADERS | END_STREAM;

    private Http2Gateway gateway;

    abstract Http2Gateway start(Path folder) throws Exception;

    @BeforeAll
    void begin(@TempDir Path folder) throws Exception {
        gateway = start(folder);
    }

    @AfterAll
    void stop() throws IOException {
        gateway.close();
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.samples.gateway.server.MalformedHeads#fields")
    void refusesFieldsThatAreNone(List<String> fields) throws IOException {
        assertRefused(get("/v1", fields.toArray(String[]::new)));
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.samples.gateway.server.MalformedHeads#heads")
    void refusesHeadsWithMoreOrLessThanOneReading(List<String> fields) throws IOException {
        assertRefused(block(fields.toArray(String[]::new)));
    }

    /** A decoder of HPACK can't even hold such a name. */
    @ParameterizedTest
    @ValueSource(strings = {"", "x-a\r\nx-admin", "x-a\n"})
    void endsTheConnectionOfANameWithALineBreakOrNone(String name) throws IOException {
        int before = gateway.upstream().received().size();
        try (Http2Client client = gateway.connect()) {
            client.frame(HEADERS, WHOLE, 1, get("/v1", name, "1"));

            assertThat(client.answer(1).reset()).isTrue();
            assertThat(gateway.upstream().received()).hasSize(before);
        }
    }

    /** The stream ends, the connection goes on. */
    private void assertRefused(byte[] head) throws IOException {
        int before = gateway.upstream().received().size();
        try (Http2Client client = gateway.connect()) {
            client.frame(HEADERS, WHOLE, 1, head);
            Answer answer = client.answer(1);

            assertThat(answer.reset() || "400".equals(answer.status()))
                    .as(answer.toString())
                    .isTrue();
            assertThat(gateway.upstream().received()).hasSize(before);
            client.frame(HEADERS, WHOLE, 3, get("/after"));
            assertThat(client.answer(3).status()).isEqualTo("200");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TRACE", "trace"})
    void sendsNoEchoOfWhatItAddsToARequest(String method) throws IOException {
        int before = gateway.upstream().received().size();
        try (Http2Client client = gateway.connect()) {
            client.frame(HEADERS, WHOLE, 1, request(method, "/v1"));

            assertThat(client.answer(1).status()).isEqualTo("405");
            assertThat(gateway.upstream().received()).hasSize(before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/admin", "/%61dmin", "/%61%64%6D%69%6e/x", "/%61dmin?x"})
    void judgesThePathThatAnUpstreamReads(String path) throws IOException {
        try (Http2Client client = gateway.connect()) {
            client.frame(HEADERS, WHOLE, 1, get(path));

            assertThat(client.answer(1).status()).isEqualTo("403");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 7, 9, 1000})
    void sendsOnNoBodyThatIsNotAsLongAsItSays(int said) throws IOException {
        int before = gateway.upstream().received().size();
        try (Http2Client client = gateway.connect()) {
            client.frame(HEADERS, END_HEADERS, 1, request("POST", "/v1", "content-length", String.valueOf(said)))
                    .frame(DATA, 0, 1, "123".getBytes(ISO_8859_1))
                    .frame(DATA, END_STREAM, 1, "456".getBytes(ISO_8859_1));

            assertThat(client.answer(1).reset()).isTrue();
            client.frame(HEADERS, WHOLE, 3, get("/after"));
            assertThat(client.answer(3).status()).isEqualTo("200");
            assertThat(gateway.upstream().received()).hasSize(before + 1);
        }
    }

    @Test
    void sendsOnABodyOfPaddedFramesAndAHeadInPieces() throws IOException {
        byte[] head = request("POST", "/v1", "content-length", "6", "cookie", "a=b", "cookie", "c=d");
        try (Http2Client client = gateway.connect()) {
            client.frame(HEADERS, 0, 1, Arrays.copyOf(head, 11));
            for (int i = 11; i < head.length; i++) {
                client.frame(CONTINUATION, i == head.length - 1 ? END_HEADERS : 0, 1, new byte[] {head[i]});
            }
            client.frame(DATA, PADDED, 1, "\u0005123ppppp".getBytes(ISO_8859_1))
                    .frame(DATA, PADDED | END_STREAM, 1, "\u0002456pp".getBytes(ISO_8859_1));

            assertThat(client.answer(1)).isEqualTo(new Answer("200", "ok", true, false));
            Received sent = last();
            assertThat(sent.text()).isEqualTo("123456");
            assertThat(sent.head().values("cookie")).containsExactly("a=b; c=d");
        }
    }

    /** Undertow began a request as soon as a frame ended, and added to its head what came later. */
    @Test
    void judgesAHeadOnlyOnceItIsWhole() throws Exception {
        int before = gateway.upstream().received().size();
        try (Http2Client client = gateway.connect()) {
            client.frame(HEADERS, END_STREAM, 1, get("/v1"));
            client.frame(CONTINUATION, 0, 1, new byte[0]);
            try (Http2Client other = gateway.connect()) {
                other.frame(HEADERS, WHOLE, 1, get("/other"));
                assertThat(other.answer(1).status()).isEqualTo("200");
            }
            client.frame(CONTINUATION, END_HEADERS, 1, block("x-admin", "1"));

            assertThat(client.answer(1).status()).isEqualTo("403");
            assertThat(gateway.upstream().received()).hasSize(before + 1);
        }
    }

    @Test
    void sendsOnNoTrailers() throws IOException {
        try (Http2Client client = gateway.connect()) {
            client.frame(HEADERS, END_HEADERS, 1, request("POST", "/v1"))
                    .frame(DATA, 0, 1, "x".getBytes(ISO_8859_1))
                    .frame(HEADERS, WHOLE, 1, block("x-admin", "1", "authorization", "Bearer x"));

            assertThat(client.answer(1).status()).isEqualTo("200");
            assertThat(last().text()).isEqualTo("x");
            assertThat(last().head().values("x-admin")).isEmpty();
            assertThat(last().head().values("authorization")).isEmpty();
        }
    }

    static Stream<byte[]> malformedTrailers() {
        return Stream.of(
                block(":path", "/admin"),
                block("X-A", "1"),
                block("x-a", "1\r\nx-admin: 1"),
                block("connection", "x"),
                block("transfer-encoding", "chunked"));
    }

    @ParameterizedTest
    @MethodSource("malformedTrailers")
    void refusesMalformedTrailers(byte[] trailers) throws IOException {
        try (Http2Client client = gateway.connect()) {
            client.frame(HEADERS, END_HEADERS, 1, request("POST", "/v1"))
                    .frame(DATA, 0, 1, "x".getBytes(ISO_8859_1))
                    .frame(HEADERS, WHOLE, 1, trailers);

            assertThat(client.answer(1).reset()).isTrue();
        }
    }

    @Test
    void sendsOnWhatIsWellFormed() throws IOException {
        ByteArrayOutputStream odd = new ByteArrayOutputStream();
        odd.writeBytes(get("/open/org%2fmodel?a=%00&b", "x-a", "\u00e9\tb", "x-b", "", "te", "trailers"));
        try (Http2Client client = gateway.connect()) {
            client.frame(HEADERS, WHOLE, 1, odd.toByteArray());

            assertThat(client.answer(1).status()).isEqualTo("200");
            assertThat(last().head().startLine()).isEqualTo("GET /open/org%2Fmodel?a=%00&b HTTP/1.1");
            assertThat(last().head().values("x-a")).containsExactly("\u00e9\tb");
            client.frame(
                    HEADERS, WHOLE, 3, block(":method", "GET", ":scheme", "https", ":path", "/", "host", "a.test"));
            assertThat(client.answer(3).status()).isEqualTo("200");
        }
    }

    private Received last() {
        return gateway.upstream().received().get(gateway.upstream().received().size() - 1);
    }
}
