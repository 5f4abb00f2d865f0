package io.gatepost.undertow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.forward.Upstream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the parser refuses is answered with a body; what looks the same and comes from an upstream passes unchanged. */
class Http1ListenerTest {
    /** What Undertow's parser writes. */
    private static final String BARE = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

    private static final String GET = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
    private static final String CHUNKED = "Transfer-Encoding: chunked";
    private static final String FIXED = "Content-Length: 66";
    private static final String NONSENSE = "nonsense\r\n\r\n";

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

    /** The body comes by itself, so that it goes on by itself. */
    private static void answer(Socket client, String framing) throws Exception {
        write(client, "HTTP/1.1 200 OK\r\n" + framing + "\r\n\r\n");
        Thread.sleep(100);
        if (framing.equals(CHUNKED)) {
            write(client, Integer.toHexString(BARE.length()) + "\r\n");
            Thread.sleep(100);
            write(client, BARE);
            Thread.sleep(100);
            write(client, "\r\n0\r\n\r\n");
        } else {
            write(client, BARE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {FIXED, CHUNKED})
    void passesOnABodyThatReadsAsTheParsersRefusal(String framing) throws Exception {
        try (Socket client = open(framing)) {
            write(client, GET);
            assertThat(head(client)).startsWith("HTTP/1.1 200 ");
            boolean fixed = framing.equals(FIXED);
            String chunk = Integer.toHexString(BARE.length()) + "\r\n";
            assertThat(fixed ? read(client, BARE.length()) : read(client, chunk.length() + BARE.length()))
                    .isEqualTo(fixed ? BARE : chunk + BARE);
        }
    }

    @Test
    void passesOnWhatReadsAsTheParsersRefusalInATunnel() throws Exception {
        try (Socket client = open("Upgrade: websocket\r\nConnection: Upgrade")) {
            write(client, "GET / HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
            assertThat(head(client)).startsWith("HTTP/1.1 101 ");
            assertThat(read(client, BARE.length())).isEqualTo(BARE);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void answersWhatTheParserRefusesWithABody(int before) throws Exception {
        try (Socket client = open(FIXED)) {
            for (int i = 0; i < before; i++) {
                write(client, GET);
                assertThat(head(client)).startsWith("HTTP/1.1 200 ");
                assertThat(read(client, BARE.length())).isEqualTo(BARE);
            }
            write(client, NONSENSE);
            String answer = new String(client.getInputStream().readAllBytes(), ISO_8859_1);
            assertThat(answer)
                    .startsWith("HTTP/1.1 400 ")
                    .contains("connection: close\r\n")
                    .contains("\r\n\r\n{\"error\":{")
                    .contains("\"code\":\"request_malformed\"");
        }
    }

    @Test
    void answersWhatFollowsInOnePieceWithABody() throws Exception {
        try (Socket client = open(FIXED)) {
            write(client, GET + NONSENSE);
            assertThat(head(client)).startsWith("HTTP/1.1 200 ");
            assertThat(new String(client.getInputStream().readAllBytes(), ISO_8859_1))
                    .startsWith(BARE + "HTTP/1.1 400 ")
                    .contains("\"code\":\"request_malformed\"");
        }
    }

    private Socket open(String framing) throws IOException {
        upstream = new RawUpstream((request, client) -> {
            try {
                if (framing.startsWith("Upgrade")) {
                    write(client, "HTTP/1.1 101 Switching Protocols\r\n" + framing + "\r\n\r\n");
                    Thread.sleep(100);
                    write(client, BARE);
                } else {
                    answer(client, framing);
                }
            } catch (IOException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        gateway = new GatewayUnderTest(LlmForwardingHandler.to(
                Upstream.of(Objects.requireNonNull(upstream).url())));
        Socket socket = new Socket(
                InetAddress.getLoopbackAddress(),
                Objects.requireNonNull(gateway).http1Port());
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** A head with its end. */
    private static String head(Socket client) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append(read(client, 1));
        }
        return head.toString();
    }

    private static String read(Socket client, int count) throws IOException {
        InputStream in = client.getInputStream();
        byte[] octets = in.readNBytes(count);
        if (octets.length < count) {
            throw new IOException("ended after: " + new String(octets, ISO_8859_1));
        }
        return new String(octets, ISO_8859_1);
    }

    private static void write(Socket socket, String octets) throws IOException {
        socket.getOutputStream().write(octets.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
    }
}
