package io.gatepost.policy.forward.jdk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.forward.RejectedBodyException;
import io.gatepost.policy.forward.Upstream;
import io.gatepost.policy.forward.UpstreamCredential;
import io.gatepost.policy.forward.UpstreamFailure;
import io.gatepost.policy.forward.UpstreamPath;
import io.gatepost.policy.request.RequestBuilder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes to an upstream over the JDK's client, and what comes back. */
class JdkForwarderTest {
    private static final int LIMIT = 100;

    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final List<Map<String, List<String>>> sent = new CopyOnWriteArrayList<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final List<Object> head = new ArrayList<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        bodies.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
        sent.add(Map.copyOf(exchange.getRequestHeaders()));
        exchange.getResponseHeaders().put("Set-Cookie", List.of("a=1", "b=2"));
        exchange.getResponseHeaders().add("Connection", "x-hop");
        exchange.getResponseHeaders().add("X-Hop", "1");
        exchange.sendResponseHeaders(201, 0);
        try (var stream = exchange.getResponseBody()) {
            stream.write("answer".getBytes(UTF_8));
        }
    }

    private Upstream upstream(@Nullable String model) {
        URI base = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        return new Upstream(base, UpstreamPath.UNCHANGED, model, UpstreamCredential.NONE, null, null);
    }

    private static RequestBuilder post(String... headers) {
        RequestBuilder request = PolicyRequest.builder("POST", "http://a.test/v1/chat/completions");
        for (String header : headers) {
            request.header(header.substring(0, header.indexOf(':')), header.substring(header.indexOf(':') + 1));
        }
        return request;
    }

    private @Nullable ErrorResponse forward(Upstream upstream, RequestBuilder request, ClientBody body)
            throws Exception {
        try (JdkForwarder forwarder = JdkForwarder.builder(upstream)
                .responseTimeout(Duration.ofMillis(500))
                .build()) {
            return forwarder.forward(request.build(), null, body, LIMIT, (status, headers) -> {
                head.add(status);
                head.add(headers);
                return out;
            });
        }
    }

    private static ClientBody stream(String text) {
        return new ClientBody(new ByteArrayInputStream(text.getBytes(UTF_8)), -1);
    }

    @Test
    void bringsTheRequestThereAndTheResponseBack() throws Exception {
        assertThat(forward(upstream(null), post("X-A: b", "TE: trailers"), ClientBody.of("body".getBytes(UTF_8))))
                .isNull();

        assertThat(bodies).containsExactly("body");
        assertThat(sent.get(0)).containsEntry("X-a", List.of("b")).doesNotContainKey("Te");
        assertThat(sent.get(0)).containsEntry("Content-length", List.of("4"));
        assertThat(out.toString(UTF_8)).isEqualTo("answer");
        assertThat(head.get(0)).isEqualTo(201);
        assertThat(String.valueOf(head.get(1)).toLowerCase(Locale.ROOT))
                .contains("set-cookie=[a=1, b=2]")
                .doesNotContain("x-hop", "transfer-encoding");
    }

    @Test
    void streamsABodyOfUnknownLengthAndSendsNoneWhereThereIsNone() throws Exception {
        assertThat(forward(upstream(null), post(), stream("chunks"))).isNull();
        assertThat(forward(upstream(null), post(), stream(""))).isNull();

        assertThat(bodies).containsExactly("chunks", "");
        assertThat(sent.get(0)).containsEntry("Transfer-encoding", List.of("chunked"));
        assertThat(sent.get(1)).doesNotContainKey("Transfer-encoding");
    }

    @Test
    void asksForTheUpstreamsModelWithinTheLimit() throws Exception {
        RequestBuilder request = post("Content-Type: application/json");
        assertThat(forward(upstream("m"), request, stream("{\"model\":\"x\"}"))).isNull();
        assertThat(bodies).containsExactly("{\"model\":\"m\"}");

        assertThatThrownBy(() -> forward(upstream("m"), request, stream("x".repeat(LIMIT + 1))))
                .isInstanceOf(RejectedBodyException.class)
                .hasMessageContaining("larger");
        assertThat(bodies).hasSize(1);
    }

    @Test
    void answersItselfWhatCantBeSent() throws Exception {
        ErrorResponse unsendable = forward(upstream(null), post("X-A: \u00e9"), stream(""));
        assertThat(Objects.requireNonNull(unsendable).status()).isEqualTo(400);

        ErrorResponse webSocket = forward(
                upstream(null),
                PolicyRequest.builder("GET", "http://a.test/").header("Upgrade", "websocket"),
                stream(""));
        assertThat(Objects.requireNonNull(webSocket).status()).isEqualTo(501);
        assertThat(bodies).isEmpty();
        assertThat(head).isEmpty();
    }

    @Test
    void saysWhatFailed() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Upstream upstream = Upstream.of(URI.create("http://127.0.0.1:" + silent.getLocalPort()));
            assertThat(forward(upstream, post(), stream(""))).isEqualTo(UpstreamFailure.TIMEOUT.answer());
        }
        Upstream gone = upstream(null);
        stop();
        assertThat(forward(gone, post(), stream(""))).isEqualTo(UpstreamFailure.UNAVAILABLE.answer());
        start();
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("gone");
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                return read();
            }
        };
        assertThat(forward(upstream(null), post(), new ClientBody(broken, 10)))
                .isEqualTo(UpstreamFailure.CLIENT_GONE.answer());
        assertThat(head).isEmpty();
    }
}
