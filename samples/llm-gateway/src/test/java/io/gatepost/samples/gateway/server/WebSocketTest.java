package io.gatepost.samples.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.tools.token.TokenIssuer;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedTextMessage;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** OpenAI's Realtime API through the gateway: WebSockets on a guarded route. */
class WebSocketTest {
    private static final TokenIssuer ISSUER = TokenIssuer.of("solo.io");
    private static final String MANIFESTS = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: gw}
            spec:
              gatewayClassName: agentgateway
              listeners: [{name: http, protocol: HTTP, port: 80}]
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: key}
            stringData: {Authorization: sk-backend}
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayBackend
            metadata: {name: openai}
            spec:
              static: {host: api.openai.test, port: 80}
              policies: {auth: {secretRef: {name: key}}}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: realtime}
            spec:
              parentRefs: [{name: gw}]
              rules:
                - matches: [{path: {type: PathPrefix, value: /v1/realtime}}]
                  backendRefs: [{name: openai, group: agentgateway.dev, kind: AgentgatewayBackend}]
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: only-alice}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: realtime}]
              traffic:
                jwtAuthentication:
                  providers: [{issuer: solo.io, jwks: {inline: 'JWKS'}}]
                authorization:
                  policy:
                    matchExpressions: ['jwt.sub == "alice" && request.path == "/v1/realtime"']
            """.replace("JWKS", ISSUER.jwks());

    /** Of a connection that ends without a word (RFC 6455 section 7.1.5). */
    private static final int ABNORMAL = 1006;

    private final BlockingQueue<Map<String, List<String>>> handshakes = new LinkedBlockingQueue<>();

    /** Sends each message back. */
    private final Undertow upstream = Undertow.builder()
            .addHttpListener(0, "127.0.0.1")
            .setHandler(Handlers.websocket((handshake, channel) -> {
                handshakes.add(handshake.getRequestHeaders());
                channel.getReceiveSetter().set(new AbstractReceiveListener() {
                    @Override
                    protected void onFullTextMessage(WebSocketChannel from, BufferedTextMessage message) {
                        WebSockets.sendText(message.getData(), from, null);
                    }
                });
                channel.resumeReceives();
            }))
            .build();

    @TempDir
    private Path folder;

    private SSLContext tls = context();
    private @Nullable GatewayServer gateway;

    private static SSLContext context() {
        try {
            return SSLContext.getDefault();
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
        upstream.stop();
    }

    /** What comes back to a client. */
    private static final class Heard implements WebSocket.Listener {
        final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
        final CompletableFuture<Integer> closed = new CompletableFuture<>();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            texts.add(data.toString());
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed.complete(code);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable failure) {
            closed.completeExceptionally(failure);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void connectsWhomThePolicyAllows(boolean secure) throws Exception {
        start(secure ? this::withCertificate : options -> options);
        Heard heard = new Heard();
        WebSocket socket = open(heard, ISSUER.token().subject("alice").compact());

        assertEchoes(socket, heard, "{\"type\":\"response.create\"}");
        assertEchoes(socket, heard, "x".repeat(60_000));
        assertThat(metricsWith("gatepost_open_websockets 1.0")).contains("http_server_active_requests 0.0");
        socket.sendClose(1000, "done").join();
        assertThat(heard.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1000);
        metricsWith("gatepost_open_websockets 0.0");
        metricsWith("http_response_status_code=\"101\"");
    }

    @Test
    void answersOthersPlainlyAndTellsTheUpstreamNothing() throws Exception {
        start(options -> options);
        for (String token : List.of("", ISSUER.token().subject("bob").compact())) {
            assertThatThrownBy(() -> open(new Heard(), token))
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOfSatisfying(WebSocketHandshakeException.class, refused -> {
                        assertThat(refused.getResponse().statusCode()).isEqualTo(token.isEmpty() ? 401 : 403);
                        assertThat(refused.getResponse().headers().firstValue("x-request-id"))
                                .isPresent();
                    });
        }
        assertThat(handshakes).isEmpty();
    }

    @Test
    void tellsTheUpstreamItsOwnKeyAndNobodyTheClients() throws Exception {
        String token = ISSUER.token().subject("alice").compact();
        start(options -> options);
        open(new Heard(), token).abort();

        Map<String, List<String>> asked = Objects.requireNonNull(handshakes.poll(10, TimeUnit.SECONDS));
        assertThat(asked.get("Authorization")).containsExactly("Bearer sk-backend");
        assertThat(asked.toString()).contains("realtime").doesNotContain(token).doesNotContain("sk-browser");
        metricsWith("gatepost_open_websockets 0.0");
        gateway().close();
        assertThat(Files.readString(folder.resolve("audit.ndjson")))
                .contains("\"path\":\"/v1/realtime\"", "\"outcome\":\"allow\"")
                .doesNotContain(token)
                .doesNotContain("sk-");
    }

    @Test
    void waitsForOpenOnesWhenItStops() throws Exception {
        start(options -> options.drainTimeout(Duration.ofMinutes(1)));
        Heard heard = new Heard();
        WebSocket socket = open(heard, ISSUER.token().subject("alice").compact());
        CompletableFuture<Void> stopped = CompletableFuture.runAsync(gateway()::close);
        while (gateway().notReadyBecause() == null) {
            Thread.onSpinWait();
        }

        assertEchoes(socket, heard, "still here");
        assertThat(stopped).isNotDone();
        socket.sendClose(1000, "done").join();
        assertThat(heard.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1000);
        stopped.get(20, TimeUnit.SECONDS);
    }

    @Test
    void cutsOffThoseThatAreOpenBeyondTheTimeToStop() throws Exception {
        start(options -> options.drainTimeout(Duration.ofMillis(200)));
        Heard heard = new Heard();
        open(heard, ISSUER.token().subject("alice").compact());

        gateway().close();

        assertThat(heard.closed.exceptionally(broken -> ABNORMAL).get(10, TimeUnit.SECONDS))
                .isEqualTo(ABNORMAL);
    }

    private static void assertEchoes(WebSocket socket, Heard heard, String text) throws Exception {
        socket.sendText(text, true).join();
        StringBuilder echoed = new StringBuilder();
        while (echoed.length() < text.length()) {
            echoed.append(Objects.requireNonNull(heard.texts.poll(10, TimeUnit.SECONDS), "nothing came back"));
        }
        assertThat(echoed.toString()).isEqualTo(text);
    }

    private WebSocket open(Heard heard, String token) {
        WebSocket.Builder builder = HttpClient.newBuilder()
                .sslContext(tls)
                .build()
                .newWebSocketBuilder()
                .subprotocols("realtime", "openai-insecure-api-key.sk-browser");
        if (!token.isEmpty()) {
            builder.header("Authorization", "Bearer " + token);
        }
        URI url = gateway().url();
        return builder.buildAsync(
                        URI.create((url.getScheme().equals("https") ? "wss://localhost:" : "ws://localhost:")
                                + url.getPort() + "/v1/realtime?model=gpt-realtime"),
                        heard)
                .join();
    }

    private String metricsWith(String line) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        String metrics = gateway().metrics();
        while (!metrics.contains(line) && System.nanoTime() < end) {
            metrics = gateway().metrics();
        }
        assertThat(metrics).contains(line);
        return metrics;
    }

    private ServeOptions.Builder withCertificate(ServeOptions.Builder options) {
        try {
            TestCertificates authority = new TestCertificates(folder);
            TestCertificates.Pair pair = authority.issue("server", "EC", "CN=localhost", "dns:localhost,ip:127.0.0.1");
            tls = authority.client(null);
            return options.tls(new TlsFiles(
                    Files.writeString(folder.resolve("cert.pem"), pair.certificatePem()),
                    Files.writeString(folder.resolve("key.pem"), pair.keyPem()),
                    null,
                    false));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void start(UnaryOperator<ServeOptions.Builder> options) throws Exception {
        upstream.start();
        InetSocketAddress address =
                (InetSocketAddress) upstream.getListenerInfo().get(0).getAddress();
        Path manifests = Files.writeString(folder.resolve("gateway.yaml"), MANIFESTS);
        gateway = GatewayServer.start(options.apply(ServeOptions.builder(manifests)
                        .listen(new ServeOptions.Listen("127.0.0.1", 0, 0))
                        .upstreams(new ServeOptions.Upstreams(
                                false, URI.create("http://127.0.0.1:" + address.getPort()), Map.of()))
                        .audit(new ServeOptions.AuditOptions(folder.resolve("audit.ndjson"), List.of(), true)))
                .build());
    }

    private GatewayServer gateway() {
        return Objects.requireNonNull(gateway);
    }
}
