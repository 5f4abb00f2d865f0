package io.gatepost.samples.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.gatepost.testkit.TestKeyServer;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whoever is outside sees nothing of a warm-up, but that it takes its time. */
@Timeout(120)
class WarmUpTest {
    private static final String MANIFESTS = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: gw}
            spec: {gatewayClassName: agentgateway, listeners: [{name: http, protocol: HTTP, port: 80}]}
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayBackend
            metadata: {name: openai}
            spec: {ai: {provider: {openai: {model: m}}}, policies: {auth: {key: upstream-secret}}}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: chat}
            spec:
              parentRefs: [{name: gw}]
              rules: [{backendRefs: [{name: openai, group: agentgateway.dev, kind: AgentgatewayBackend}]}]
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: only-alice}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: chat}]
              traffic:
                jwtAuthentication:
                  providers: [{issuer: 'ISSUER', audiences: [llm], jwks: {remote: {url: 'KEYS'}}}]
                authorization: {policy: {matchExpressions: ['jwt.sub == "alice"']}}
            """;

    @TempDir
    private Path folder;

    private final AtomicInteger asked = new AtomicInteger();
    private final HttpClient client = HttpClient.newHttpClient();
    private HttpServer upstream;
    private TestKeyServer keys;
    private int port;
    private int adminPort;

    @BeforeEach
    void prepare() throws IOException {
        upstream = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        upstream.createContext("/", exchange -> {
            asked.incrementAndGet();
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        upstream.start();
        keys = TestKeyServer.start();
        Files.writeString(
                folder.resolve("gateway.yaml"),
                MANIFESTS
                        .replace("KEYS", keys.jwksUrl().toString())
                        .replace("ISSUER", keys.issuer().issuer()));
        port = free();
        adminPort = free();
    }

    @AfterEach
    void stop() {
        upstream.stop(0);
        keys.close();
    }

    private static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private GatewayServer start(Duration warmUp) {
        return GatewayServer.start(ServeOptions.builder(folder.resolve("gateway.yaml"))
                .listen(new ServeOptions.Listen("127.0.0.1", port, adminPort))
                .upstreams(new ServeOptions.Upstreams(
                        false,
                        URI.create("http://127.0.0.1:" + upstream.getAddress().getPort()),
                        Map.of()))
                .audit(new ServeOptions.AuditOptions(folder.resolve("audit"), List.of(), true))
                .warmUp(warmUp)
                .build());
    }

    private HttpResponse<String> admin(String path) throws Exception {
        URI url = URI.create("http://127.0.0.1:" + adminPort + path);
        return client.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** What the probe says once the admin port answers. */
    private HttpResponse<String> firstProbe() throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (System.nanoTime() < end) {
            try {
                return admin("/readyz");
            } catch (ConnectException notYet) {
                Thread.onSpinWait();
            }
        }
        throw new AssertionError("no admin port");
    }

    /** Keys are read beside the start. */
    private void awaitKeys() throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (admin("/readyz").statusCode() != 200 && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    @Test
    void isOverBeforeAnybodyIsServed() throws Exception {
        CompletableFuture<GatewayServer> starting = CompletableFuture.supplyAsync(() -> start(Duration.ofSeconds(1)));

        HttpResponse<String> early = firstProbe();

        assertThat(early.statusCode()).isEqualTo(503);
        assertThat(early.body()).isEqualTo("not ready: warming up\n");
        assertThat(admin("/livez").statusCode()).isEqualTo(200);
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                .isInstanceOf(ConnectException.class);
        try (GatewayServer gateway = starting.get()) {
            assertThat(gateway.url().getPort()).isEqualTo(port);
            awaitKeys();
            assertThat(admin("/readyz").body()).isEqualTo("ok\n");
        }
    }

    @Test
    void leavesNoTrace() throws Exception {
        try (GatewayServer gateway = start(Duration.ofSeconds(1))) {
            awaitKeys();
            assertThat(keys.fetches()).isEqualTo(1);
            assertThat(asked).hasValue(0);
            assertThat(Thread.getAllStackTraces().keySet())
                    .noneMatch(thread -> thread.getName().startsWith("warm-up"));
            assertThat(admin("/metrics").body())
                    .contains("gatepost_requests_total 0.0")
                    .contains("gatepost_token_cache_size 0.0")
                    .doesNotContain("gatepost_decisions_total{")
                    .doesNotContain("warm-up");

            assertThat(chat(gateway).statusCode()).isEqualTo(200);
            assertThat(asked).hasValue(1);
        }
        assertThat(Files.readAllLines(folder.resolve("audit"))).hasSize(1);
    }

    private HttpResponse<String> chat(GatewayServer gateway) throws Exception {
        return client.send(
                HttpRequest.newBuilder(gateway.url().resolve("/v1/chat/completions"))
                        .header(
                                "Authorization",
                                "Bearer "
                                        + keys.issuer()
                                                .token()
                                                .subject("alice")
                                                .claim("aud", "llm")
                                                .compact())
                        .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"x\",\"messages\":[]}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void saysAtOnceThatAPortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = taken.getLocalPort();
            long before = System.nanoTime();

            assertThatThrownBy(() -> start(Duration.ofMinutes(1))).hasRootCauseInstanceOf(BindException.class);
            assertThat(System.nanoTime() - before).isLessThan(TimeUnit.SECONDS.toNanos(50));
        }
    }
}
