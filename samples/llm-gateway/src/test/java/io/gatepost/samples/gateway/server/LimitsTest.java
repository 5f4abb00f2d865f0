package io.gatepost.samples.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients may ask of the gateway, and how it ends, on real sockets. */
class LimitsTest {
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
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Limits PATIENT = new Limits(4096, 1000, 1000, 100, LONG, LONG, LONG);

    @TempDir
    private Path folder;

    private final CountDownLatch go = new CountDownLatch(1);
    private final CountDownLatch streaming = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer upstream;
    private @Nullable GatewayServer gateway;

    @BeforeEach
    void startUpstream() throws IOException {
        Files.writeString(folder.resolve("gateway.yaml"), MANIFESTS);
        upstream = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        upstream.setExecutor(threads);
        upstream.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write("ok".getBytes(StandardCharsets.US_ASCII));
            exchange.close();
        });
        upstream.createContext("/stream", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            OutputStream out = exchange.getResponseBody();
            out.write("first ".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            streaming.countDown();
            await(go);
            out.write("last".getBytes(StandardCharsets.US_ASCII));
            exchange.close();
        });
        upstream.start();
    }

    @AfterEach
    void stop() {
        go.countDown();
        if (gateway != null) {
            gateway.close();
        }
        upstream.stop(0);
        threads.shutdownNow();
    }

    @Test
    void refusesAHeadBeyondTheLimit() throws Exception {
        start(PATIENT);

        assertThat(exchange("GET /v1 HTTP/1.1\r\nHost: a\r\nX-Long: " + "x".repeat(5000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431 ");
        assertThat(exchange("GET /v1?" + "x".repeat(5000) + " HTTP/1.1\r\nHost: a\r\n\r\n"))
                .startsWith("HTTP/1.1 431 ");
        assertThat(exchange(get("/v1"))).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void refusesABodyBeyondTheLimit() throws Exception {
        start(PATIENT);

        assertThat(exchange("POST /v1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ")
                .contains("body_too_large");
        assertThat(exchange("POST /v1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n"
                        + "x".repeat(1001) + "\r\n0\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ")
                .contains("body_too_large");
        assertThat(exchange("POST /v1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n"
                        + "x".repeat(1000)))
                .startsWith("HTTP/1.1 200 ");
    }

    @Test
    void givesUpABodyThatDoesNotCome() throws Exception {
        start(new Limits(4096, 1000, 1000, 100, LONG, LONG, Duration.ofMillis(200)));

        assertThat(exchange("POST /v1 HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx"))
                .startsWith("HTTP/1.1 408 ")
                .contains("body_timeout");
        assertThat(exchange("POST /v1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"))
                .startsWith("HTTP/1.1 408 ");
    }

    @Test
    void closesConnectionsThatSendNoHeadOrNoFurtherRequest() throws Exception {
        start(new Limits(4096, 1000, 1000, 100, Duration.ofMillis(300), Duration.ofMillis(300), LONG));

        assertThat(exchange("")).isEmpty();
        assertThat(exchange("GET /v1 HTTP/1.1\r\nHost: ")).isEmpty();
        assertThat(exchange("GET /v1 HTTP/1.1\r\nHost: a\r\n\r\n")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void leavesASilentStreamOpenBeyondEveryTimeout() throws Exception {
        Duration brief = Duration.ofMillis(100);
        start(new Limits(4096, 1000, 1000, 100, brief, brief, brief));
        try (RawClient silent = client()) {
            silent.send(get("/stream"));
            silent.until("first ");
            // Three that are given up one after the other take longer than any timeout of the stream's connection.
            for (int i = 0; i < 3; i++) {
                assertThat(exchange("GET /v1 HTTP/1.1\r\nHost: ")).isEmpty();
            }
            go.countDown();

            assertThat(silent.until("last")).contains("last");
        }
    }

    @Test
    void servesOthersWhileFiveHundredConnectionsSendTheirHeadsByDrips() throws Exception {
        start(new Limits(4096, 1000, 1000, 100, Duration.ofSeconds(2), LONG, LONG));
        List<RawClient> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 500; i++) {
                RawClient one = client();
                slow.add(one);
                one.send("GET /v1 HTTP/1.1\r\nHost: a\r\nX-Slow");
            }
            for (int i = 0; i < 50; i++) {
                assertThat(exchange(get("/v1"))).startsWith("HTTP/1.1 200 ");
            }
            for (RawClient one : slow) {
                assertThat(one.rest()).doesNotContain(" 200 ");
            }
        } finally {
            for (RawClient one : slow) {
                one.close();
            }
        }
    }

    @Test
    void closesConnectionsBeyondTheLimitAndTakesNewOnesOnceOthersEnd() throws Exception {
        start(new Limits(4096, 1000, 2, 100, LONG, LONG, LONG));
        try (RawClient one = client();
                RawClient two = client()) {
            for (RawClient kept : List.of(one, two)) {
                kept.send("GET /v1 HTTP/1.1\r\nHost: a\r\n\r\n");
                kept.until("ok");
            }
            try (RawClient third = client()) {
                assertThat(third.rest()).isIn("", "[reset]");
            }
            one.send("GET /v1 HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(one.until("ok")).startsWith("HTTP/1.1 200 ");
        }
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        String answer = "";
        while (!answer.startsWith("HTTP/1.1 200 ") && System.nanoTime() < end) {
            answer = tryExchange(get("/v1"));
        }
        assertThat(answer).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void endsOnceItsOpenStreamsHaveAndTakesNoNewConnections() throws Exception {
        GatewayServer running = start(PATIENT);
        try (RawClient stream = client();
                RawClient idle = client()) {
            idle.send("GET /v1 HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(idle.until("ok")).doesNotContainIgnoringCase("connection: close");
            stream.send(get("/stream"));
            await(streaming);
            CompletableFuture<Void> closing = CompletableFuture.runAsync(running::close, threads);
            awaitNoListener(running.url());

            idle.send("GET /v1 HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(idle.rest()).startsWith("HTTP/1.1 200 ").containsIgnoringCase("connection: close");
            assertThat(closing).isNotDone();
            go.countDown();
            assertThat(stream.until("last")).startsWith("HTTP/1.1 200 ");
            closing.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void cutsStreamsThatOutlastTheDrainTimeout() throws Exception {
        gateway = GatewayServer.start(
                options(PATIENT).drainTimeout(Duration.ofMillis(200)).build());
        try (RawClient stream = client()) {
            stream.send(get("/stream"));
            await(streaming);

            running().close();

            assertThat(stream.rest()).doesNotContain("last");
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("never came");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void awaitNoListener(URI url) throws IOException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (System.nanoTime() < end) {
            try (RawClient late = new RawClient(url.getPort())) {
                late.send("");
            } catch (ConnectException refused) {
                return;
            } catch (SocketException closing) {
                // The port was closed while the connection was being made: the next one tells.
            }
        }
        throw new IllegalStateException("still listens");
    }

    private GatewayServer start(Limits limits) {
        gateway = GatewayServer.start(options(limits).build());
        return gateway;
    }

    private ServeOptions.Builder options(Limits limits) {
        URI url = URI.create("http://127.0.0.1:" + upstream.getAddress().getPort());
        return ServeOptions.builder(folder)
                .upstreams(new ServeOptions.Upstreams(false, url, Map.of()))
                .limits(limits);
    }

    private GatewayServer running() {
        if (gateway == null) {
            throw new IllegalStateException("not started");
        }
        return gateway;
    }

    private RawClient client() throws IOException {
        return new RawClient(running().url().getPort());
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    }

    private String exchange(String request) throws IOException {
        try (RawClient client = client()) {
            client.send(request);
            return client.rest();
        }
    }

    private String tryExchange(String request) {
        try {
            return exchange(request);
        } catch (IOException refused) {
            return "";
        }
    }
}
