package io.gatepost.undertow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.forward.Upstream;
import io.gatepost.policy.forward.UpstreamCredential;
import io.gatepost.policy.forward.UpstreamPath;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that ask for WebSocket, as those of OpenAI's Realtime API do. */
class WebSocketTest {
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://issuer.test");
    private static final String HANDSHAKE = ("GET /v1/realtime?model=m HTTP/1.1|Host: a.test|Connection: Upgrade|"
                    + "Upgrade: websocket|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==||")
            .replace("|", "\r\n");
    private static final String SWITCHED =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    private static final int MIB = 1024 * 1024;

    private final AtomicInteger decisions = new AtomicInteger();
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

    /** What the server says to a client, piece by piece. */
    private static final class Heard implements WebSocket.Listener {
        final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
        final BlockingQueue<Integer> closed = new LinkedBlockingQueue<>();
        final AtomicLong octets = new AtomicLong();
        final CountDownLatch whole = new CountDownLatch(1);

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            texts.add(data.toString());
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            octets.addAndGet(data.remaining());
            if (last) {
                whole.countDown();
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed.add(code);
            return null;
        }
    }

    @Test
    void connectsAnAllowedClientWithTheUpstream() throws Exception {
        start(new WebSocketEcho());
        Heard heard = new Heard();
        WebSocket socket = open(heard, ISSUER.token().compact());

        assertThat(socket.getSubprotocol()).isEqualTo("realtime");
        socket.sendText("{\"type\":\"session.update\"}", true).join();
        assertThat(heard.texts.poll(10, TimeUnit.SECONDS)).isEqualTo("{\"type\":\"session.update\"}");
        socket.sendBinary(ByteBuffer.allocate(MIB), true).join();
        assertThat(heard.whole.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(heard.octets).hasValue(MIB);
        socket.sendClose(4000, "bye").join();
        assertThat(heard.closed.poll(10, TimeUnit.SECONDS)).isEqualTo(4000);
    }

    @Test
    void asksTheUpstreamWithItsOwnCredentialAndNoneOfTheClients() throws Exception {
        start(new WebSocketEcho());
        String token = ISSUER.token().compact();
        open(new Heard(), token).abort();

        RawUpstream.Request asked = upstream().next();
        assertThat(asked.line()).isEqualTo("GET /v1/realtime?model=gpt-realtime HTTP/1.1");
        assertThat(asked.values("upgrade")).containsExactly("websocket");
        assertThat(asked.values("connection")).containsExactly("Upgrade");
        assertThat(asked.values("sec-websocket-version")).containsExactly("13");
        assertThat(asked.values("sec-websocket-key")).hasSize(1);
        assertThat(asked.values("sec-websocket-protocol")).containsExactly("realtime, openai-beta.realtime-v1");
        assertThat(asked.values("authorization")).containsExactly("Bearer sk-upstream");
        assertThat(asked.toString()).doesNotContain(token).doesNotContain("sk-client");
    }

    @Test
    void answersADeniedClientPlainlyAndAsksNobody() throws Exception {
        start(new WebSocketEcho());
        for (String token : List.of("", ISSUER.token().subject("mallory").compact())) {
            try {
                open(new Heard(), token);
                throw new AssertionError("connected");
            } catch (CompletionException e) {
                assertThat(e.getCause())
                        .isInstanceOfSatisfying(
                                WebSocketHandshakeException.class,
                                refused -> assertThat(refused.getResponse().statusCode())
                                        .isEqualTo(token.isEmpty() ? 401 : 403));
            }
        }
        try (Socket client = gateway().connect()) {
            for (int i = 0; i < 2; i++) {
                write(client, HANDSHAKE);
                String head = head(client);
                assertThat(head).startsWith("HTTP/1.1 401 ").contains("www-authenticate: Bearer");
                assertThat(body(client, head)).startsWith("{\"error\":");
            }
        }
        assertThat(upstream().seen()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"200 OK", "426 Upgrade Required", "403 Forbidden"})
    void passesOnAnAnswerThatDoesNotSwitch(String status) throws Exception {
        open((request, client) ->
                write(client, "HTTP/1.1 " + status + "\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nno"));
        try (Socket client = gateway().connect()) {
            for (int i = 0; i < 3; i++) {
                write(client, HANDSHAKE);
                String head = head(client);
                assertThat(head)
                        .startsWith("HTTP/1.1 " + status.substring(0, 3))
                        .doesNotContain("Upgrade:");
                assertThat(body(client, head)).isEqualTo("no");
            }
        }
        assertThat(upstream().connections()).isEqualTo(1);
    }

    @Test
    void readsNoRequestBehindTheSwitch() throws Exception {
        String smuggled = "GET /admin HTTP/1.1\r\nHost: a.test\r\n\r\n";
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        open((request, client) -> {
            write(client, SWITCHED);
            heard.add(read(client, smuggled.length()));
            write(client, "HTTP/1.1 200 OK\r\n\r\n");
        });
        try (Socket client = gateway().connect()) {
            write(client, HANDSHAKE);
            assertThat(head(client)).startsWith("HTTP/1.1 101 ");
            write(client, smuggled);
            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(smuggled);
            assertThat(head(client)).isEqualTo("HTTP/1.1 200 OK\r\n\r\n");
        }
        assertThat(decisions).hasValue(1);
    }

    @Test
    void bringsWhatCameBeforeTheSwitch() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        open((request, client) -> {
            write(client, SWITCHED + "early answer");
            heard.add(read(client, 13));
        });
        try (Socket client = gateway().connect()) {
            write(client, HANDSHAKE + "early ");
            assertThat(head(client))
                    .startsWith("HTTP/1.1 101 ")
                    .contains("Connection: Upgrade\r\n")
                    .contains("Upgrade: websocket\r\n")
                    .doesNotContain("Content-Length");
            assertThat(read(client, 12)).isEqualTo("early answer");
            write(client, "octets!");
            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("early octets!");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\n\r\n"
            })
    void takesNoOtherSwitchThanWasAskedFor(String answer) throws Exception {
        open((request, client) -> write(client, answer));
        try (Socket client = gateway().connect()) {
            write(client, HANDSHAKE);
            assertThat(head(client)).startsWith("HTTP/1.1 502 ");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1|Connection: Upgrade|Upgrade: h2c",
                "GET / HTTP/1.1|Connection: Upgrade|Upgrade: websocket, h2c",
                "GET / HTTP/1.1|Connection: Upgrade|Upgrade: websocket|Upgrade: h2c",
                "GET / HTTP/1.1|Connection: close, Upgrade|Upgrade: websocket",
                "GET / HTTP/1.1|Upgrade: websocket",
                "GET / HTTP/1.0|Connection: Upgrade|Upgrade: websocket",
                "POST / HTTP/1.1|Connection: Upgrade|Upgrade: websocket|Content-Length: 0",
                "GET / HTTP/1.1|Connection: Upgrade|Upgrade: websocket|Content-Length: 2||{}"
            })
    void endsEveryOtherUpgradeAtThisHop(String request) throws Exception {
        open((asked, client) ->
                write(client, asked.values("upgrade").isEmpty() ? "HTTP/1.1 204 No Content\r\n\r\n" : SWITCHED));
        try (Socket client = gateway().connect()) {
            String lines = request.replaceFirst("\\|", "|Host: a.test|").replace("|", "\r\n");
            write(client, lines.contains("\r\n\r\n") ? lines : lines + "\r\n\r\n");
            assertThat(head(client)).matches("(?s)HTTP/1.. 204 .*");
        }
        assertThat(upstream().next().values("connection")).isEmpty();
    }

    @Test
    void endsTheUpstreamsConnectionWithTheClients() throws Exception {
        open((request, client) -> {
            write(client, SWITCHED);
            client.getInputStream().readAllBytes();
        });
        try (Socket client = gateway().connect()) {
            write(client, HANDSHAKE);
            head(client);
        }
        assertThat(upstream().nextEnd()).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void endsTheClientsConnectionWithTheUpstreams(boolean reset) throws Exception {
        open((request, client) -> {
            write(client, SWITCHED);
            if (reset) {
                client.setSoLinger(true, 0);
            } else {
                write(client, "last words");
            }
            client.close();
        });
        try (Socket client = gateway().connect()) {
            write(client, HANDSHAKE);
            head(client);
            assertThat(rest(client)).isEqualTo(reset ? "" : "last words");
        }
    }

    @Test
    void endsOneWhereBothAreSilent() throws Exception {
        upstream = new RawUpstream((request, client) -> {
            write(client, SWITCHED);
            client.getInputStream().readAllBytes();
        });
        gateway = new GatewayUnderTest(LlmForwardingHandler.builder(Upstream.of(upstream.url()))
                .responseTimeout(Duration.ofMillis(200))
                .build());
        try (Socket client = gateway().connect()) {
            write(client, HANDSHAKE);
            head(client);
            assertThat(rest(client)).isEmpty();
        }
        assertThat(upstream().nextEnd()).isNotNull();
    }

    /** More slow clients than there are threads. */
    @Test
    void keepsNothingForClientsThatDoNotRead() throws Exception {
        AtomicLong taken = new AtomicLong();
        CountDownLatch over = new CountDownLatch(1);
        open((request, client) -> {
            if (request.target().equals("/")) {
                RawUpstream.OK.to(request, client);
                return;
            }
            write(client, SWITCHED);
            byte[] piece = new byte[MIB];
            for (int i = 0; i < 64; i++) {
                client.getOutputStream().write(piece);
                taken.addAndGet(MIB);
            }
            over.countDown();
        });
        try (Socket one = gateway().connect();
                Socket two = gateway().connect();
                Socket three = gateway().connect()) {
            for (Socket slow : List.of(one, two, three)) {
                write(slow, HANDSHAKE);
                head(slow);
            }
            try (Socket client = gateway().connect()) {
                for (int i = 0; i < 50; i++) {
                    write(client, "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
                    assertThat(body(client, head(client))).isEqualTo("ok");
                }
            }
            assertThat(over.await(1, TimeUnit.SECONDS)).as("taken whole").isFalse();
            assertThat(taken.get()).isLessThan(3 * 32L * MIB);
            for (Socket slow : List.of(one, two, three)) {
                assertThat(slow.getInputStream().readNBytes(64 * MIB)).hasSize(64 * MIB);
            }
        }
    }

    @Test
    void tellsOfTheCallOnceItIsOver() throws Exception {
        BlockingQueue<UpstreamCall> calls = new LinkedBlockingQueue<>();
        upstream = new RawUpstream((request, client) -> {
            write(client, SWITCHED);
            read(client, 3);
            client.close();
        });
        gateway = new GatewayUnderTest(LlmForwardingHandler.builder(Upstream.of(upstream.url()))
                .listener((exchange, call) -> calls.add(call))
                .build());
        try (Socket client = gateway().connect()) {
            write(client, HANDSHAKE);
            head(client);
            assertThat(calls).isEmpty();
            write(client, "end");
            assertThat(rest(client)).isEmpty();
        }
        UpstreamCall call = Objects.requireNonNull(calls.poll(10, TimeUnit.SECONDS));
        assertThat(call.status()).isEqualTo(101);
        assertThat(call.failure()).isNull();
        assertThat(call.path()).isEqualTo("/v1/realtime");
    }

    private WebSocket open(Heard heard, String token) {
        WebSocket.Builder builder = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .subprotocols("realtime", "openai-insecure-api-key.sk-client", "openai-beta.realtime-v1");
        if (!token.isEmpty()) {
            builder.header("Authorization", "Bearer " + token);
        }
        URI url = URI.create("ws"
                + gateway().url("/v1/realtime?model=gpt-realtime").toString().substring(4));
        return builder.buildAsync(url, heard).join();
    }

    /** Behind a policy: alice only. */
    private void start(RawUpstream.Answer answer) throws IOException {
        upstream = new RawUpstream(answer);
        JwtAuthentication authentication =
                new JwtAuthentication(JwtMode.STRICT, List.of(ISSUER.provider()), TokenLocation.BEARER, Origin.CODE);
        Authorization alice =
                Authorization.of(AuthorizationAction.ALLOW, "jwt.sub != 'mallory' && request.path == '/v1/realtime'");
        PolicyEngine engine = PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("realtime", authentication, alice)))
                .expressions(new CelExpressionCompiler())
                .build();
        Upstream to = new Upstream(
                upstream.url(), UpstreamPath.UNCHANGED, null, new UpstreamCredential.Bearer("sk-upstream"), null, null);
        gateway = new GatewayUnderTest(LlmForwardingHandler.to(to), engine);
    }

    /** Behind none. */
    private void open(RawUpstream.Answer answer) throws IOException {
        upstream = new RawUpstream(answer);
        PolicyEngine engine = PolicyEngine.builder()
                .allowingEverything()
                .listener((request, decision, elapsed) -> decisions.incrementAndGet())
                .build();
        gateway = new GatewayUnderTest(LlmForwardingHandler.to(Upstream.of(upstream.url())), engine);
    }

    private GatewayUnderTest gateway() {
        return Objects.requireNonNull(gateway);
    }

    private RawUpstream upstream() {
        return Objects.requireNonNull(upstream);
    }

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
        return read(client, Integer.parseInt(head.replaceAll("(?s).*\r\nContent-Length: ([0-9]+)\r\n.*", "$1")));
    }

    private static String read(Socket socket, int count) throws IOException {
        return new String(socket.getInputStream().readNBytes(count), ISO_8859_1);
    }

    /** What comes until the end, in whatever way that comes. */
    private static String rest(Socket socket) {
        StringBuilder text = new StringBuilder();
        try {
            for (int octet = socket.getInputStream().read();
                    octet >= 0;
                    octet = socket.getInputStream().read()) {
                text.append((char) octet);
            }
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("still open", e);
        } catch (IOException reset) {
            // An end, too.
        }
        return text.toString();
    }

    private static void write(Socket socket, String octets) throws IOException {
        socket.getOutputStream().write(octets.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
    }
}
