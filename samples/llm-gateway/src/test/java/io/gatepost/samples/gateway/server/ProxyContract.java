package io.gatepost.samples.gateway.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.gatepost.tools.token.TokenIssuer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients meet at a real proxy with the configuration of samples/forward-auth, and what its upstream sees. */
@Tag("proxies")
abstract class ProxyContract {
    private static final TokenIssuer SOLO = TokenIssuer.of("solo.io");
    private static final String CHAT = "/v1/chat/completions";

    @TempDir
    private Path folder;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch firstEventArrived = new CountDownLatch(1);
    private final AtomicInteger upstreamRequests = new AtomicInteger();
    private final int port = freePort();
    private @Nullable HttpServer upstream;
    private @Nullable GatewayServer gateway;
    private @Nullable Process proxy;

    /** The configuration's name in samples/forward-auth. */
    abstract String configuration();

    /** How the proxy is run in the foreground. */
    abstract List<String> command(Path configuration);

    @BeforeEach
    void start() throws Exception {
        HttpServer llm = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        upstream = llm;
        llm.setExecutor(threads);
        llm.createContext("/", this::answer);
        llm.start();
        Path manifests = Files.createDirectory(folder.resolve("manifests"));
        Files.writeString(
                manifests.resolve("all.yaml"),
                ForwardAuthTest.MANIFESTS
                        .replace("RULE", "jwt.sub == \"alice\"")
                        .replace("JWKS", SOLO.jwks()));
        Files.writeString(
                manifests.resolve("elsewhere.yaml"), ForwardAuthTest.OPEN_ROUTE.replace("HOST", "other.test"));
        gateway = GatewayServer.start(ServeOptions.builder(manifests)
                .upstreams(new ServeOptions.Upstreams(true, null, Map.of()))
                .forwardAuth(new ServeOptions.ForwardAuthOptions(0, List.of()))
                .build());
        startProxy(gateway.forwardAuthPort(), llm.getAddress().getPort());
    }

    private void startProxy(int gatewayPort, int upstreamPort) throws Exception {
        String text = Files.readString(Path.of("..", "forward-auth", configuration()))
                .replace("llm.example.com", "127.0.0.1")
                .replace("8080", Integer.toString(port))
                .replace("127.0.0.1:9902", "127.0.0.1:" + gatewayPort)
                .replace("127.0.0.1:8000", "127.0.0.1:" + upstreamPort);
        Path file = Files.writeString(folder.resolve(configuration()), text);
        Path log = folder.resolve("log");
        ProcessBuilder builder =
                new ProcessBuilder(command(file)).redirectErrorStream(true).redirectOutput(log.toFile());
        for (String home : List.of("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")) {
            builder.environment().put(home, folder.toString());
        }
        Process started = builder.start();
        proxy = started;
        for (int i = 0; i < 600 && !accepts(port); i++) {
            assertThat(started.waitFor(100, TimeUnit.MILLISECONDS))
                    .as("ended: " + Files.readString(log))
                    .isFalse();
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (proxy != null) {
            proxy.destroy();
            proxy.waitFor();
        }
        if (gateway != null) {
            gateway.close();
        }
        if (upstream != null) {
            upstream.stop(0);
        }
        threads.shutdownNow();
    }

    @Test
    void challengesWhoHasNoToken() throws Exception {
        HttpResponse<String> refused = send(CHAT, null);

        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().allValues("www-authenticate")).containsExactly("Bearer realm=\"gatepost\"");
        assertThat(refused.headers().firstValue("content-type")).hasValue("application/json");
        assertThat(refused.body()).contains("\"type\":\"authentication_error\"");
        assertThat(upstreamRequests).hasValue(0);
    }

    @Test
    void refusesWhomARuleDoesNotName() throws Exception {
        HttpResponse<String> refused = send(CHAT, "bob");

        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("\"type\":\"permission_error\"");
        assertThat(upstreamRequests).hasValue(0);
    }

    @Test
    void tellsTheUpstreamWhoItIsAndNotTheCredential() throws Exception {
        HttpResponse<String> allowed = send(CHAT + "?a=b%2Fc", "alice", "Content-Type", "application/json");

        assertThat(allowed.statusCode()).isEqualTo(200);
        assertThat(allowed.body().lines())
                .contains(
                        "target: " + CHAT + "?a=b%2Fc",
                        "x-auth-subject: [alice]",
                        "x-auth-issuer: [solo.io]",
                        "content-type: [application/json]",
                        "body: {\"messages\":[]}")
                .noneMatch(line -> line.startsWith("authorization:"));
    }

    @ParameterizedTest
    @ValueSource(strings = {CHAT, "/open"})
    void dropsIdentitiesThatTheClientMadeUp(String path) throws Exception {
        HttpResponse<String> allowed = send(
                path,
                path.equals(CHAT) ? "alice" : null,
                "X-Auth-Subject",
                "admin",
                "x-auth-issuer",
                "admin",
                "X-AUTH-ROLES",
                "admin",
                "X_Auth_Subject",
                "admin",
                "X-Auth_Subject",
                "admin",
                "X_Auth-Subject",
                "admin");

        assertThat(allowed.statusCode()).isEqualTo(200);
        assertThat(allowed.body()).doesNotContain("admin");
        assertThat(allowed.body().lines().filter(line -> line.replace('_', '-').startsWith("x-auth")))
                .hasSize(path.equals(CHAT) ? 2 : 0);
    }

    @Test
    void judgesTheTargetOfTheRequestAndNotWhatTheClientSaysOfIt() throws Exception {
        HttpResponse<String> refused = send(
                CHAT,
                null,
                "X-Original-URI",
                "/open",
                "X-Original-Method",
                "GET",
                "X-Forwarded-Uri",
                "/open",
                "X-Forwarded-Method",
                "GET",
                "X-Forwarded-Host",
                "llm.example.com");

        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(upstreamRequests).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/open/../v1/x", "/open/%2e%2e/v1/x", "/open/..%2fv1/x"})
    void keepsPathsWithTwoReadingsFromTheUpstream(String path) throws Exception {
        String answer = raw("GET " + path + " HTTP/1.1\r\nHost: llm\r\nConnection: close\r\n\r\n");

        assertThat(answer).doesNotStartWith("HTTP/1.1 2");
        assertThat(upstreamRequests).hasValue(0);
    }

    /** The other host's route is open. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /v1 HTTP/1.1\r\nHost: other.test\r\n",
                "POST /v1 HTTP/1.1\r\nHost: other.test.\r\n",
                "POST /v1 HTTP/1.1\r\nHost: other.test:8080\r\n",
                "POST http://other.test/v1 HTTP/1.1\r\nHost: 127.0.0.1\r\n",
                "POST /v1 HTTP/1.1\r\nHost: 127.0.0.1.\r\n",
                "POST /v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-Host: other.test\r\n",
                "POST /v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Original-Host: other.test\r\n",
                "POST /v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nForwarded: host=other.test\r\n",
                "POST /v1 HTTP/1.0\r\n"
            })
    void doesNotLetTheClientChooseWhosePoliciesCount(String head) throws Exception {
        String answer = raw(head + "Content-Length: 0\r\nConnection: close\r\n\r\n");

        assertThat(answer).matches("(?s)HTTP/1\\.[01] (401|421|400) .*");
        assertThat(upstreamRequests).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Auth-Subject, X-Auth-Issuer", "X-Auth-Subject", "x-auth-issuer", "X-Forwarded-For"})
    void doesNotLetTheClientTakeItsIdentityAway(String named) throws Exception {
        String answer = raw("POST " + CHAT + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close, "
                + named + "\r\nAuthorization: Bearer "
                + SOLO.token().subject("alice").compact() + "\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 200").contains("x-auth-subject: [alice]", "x-auth-issuer: [solo.io]");
        assertThat(answer).contains("x-forwarded-for: [127.0.0.1]");
    }

    @Test
    void tellsTheUpstreamNothingThatTheClientSaysOfItsRequest() throws Exception {
        HttpResponse<String> allowed = send(
                CHAT,
                "alice",
                "X-Forwarded-Uri",
                "/made-up",
                "X-Forwarded-Method",
                "made-up",
                "X-Forwarded-Host",
                "made-up",
                "X-Forwarded-For",
                "192.0.2.1",
                "X-Forwarded-Proto",
                "made-up",
                "X-Forwarded-Prefix",
                "/made-up",
                "X-Real-IP",
                "192.0.2.1",
                "X-Original-URI",
                "/made-up",
                "Forwarded",
                "for=192.0.2.1;host=made-up");

        assertThat(allowed.statusCode()).isEqualTo(200);
        assertThat(allowed.body()).doesNotContain("made-up", "192.0.2.1");
        assertThat(allowed.body().lines()).contains("x-forwarded-host: [127.0.0.1]");
    }

    @Test
    void passesEachEventOfAStreamOnAtOnce() throws Exception {
        HttpResponse<InputStream> stream = client.send(
                request(CHAT, "alice", "Accept", "text/event-stream"), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(stream.statusCode()).isEqualTo(200);
        assertThat(stream.headers().firstValue("content-type")).hasValue("text/event-stream");
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream.body(), UTF_8))) {
            assertThat(lines.readLine()).isEqualTo("data: 1");
            firstEventArrived.countDown();
            assertThat(lines.lines()).containsExactly("", "data: arrived", "");
        }
    }

    /** Sends the second event once the client has the first; says so where it never came. */
    private void answer(HttpExchange exchange) throws IOException {
        upstreamRequests.incrementAndGet();
        try (exchange;
                OutputStream out = exchange.getResponseBody()) {
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            if ("text/event-stream".equals(exchange.getRequestHeaders().getFirst("Accept"))) {
                exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
                exchange.sendResponseHeaders(200, 0);
                out.write("data: 1\n\n".getBytes(UTF_8));
                out.flush();
                out.write(("data: " + (arrived() ? "arrived" : "buffered") + "\n\n").getBytes(UTF_8));
                return;
            }
            StringBuilder seen = new StringBuilder("target: " + exchange.getRequestURI() + "\n");
            exchange.getRequestHeaders()
                    .forEach((name, values) -> seen.append(name.toLowerCase(Locale.ROOT))
                            .append(": ")
                            .append(values)
                            .append('\n'));
            byte[] answer = seen.append("body: ").append(body).toString().getBytes(UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            out.write(answer);
        }
    }

    private boolean arrived() {
        try {
            return firstEventArrived.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private HttpResponse<String> send(String path, @Nullable String subject, String... headers) throws Exception {
        return client.send(request(path, subject, headers), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest request(String path, @Nullable String subject, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .POST(HttpRequest.BodyPublishers.ofString("{\"messages\":[]}"));
        if (headers.length > 0) {
            request.headers(headers);
        }
        if (subject != null) {
            request.header(
                    "Authorization", "Bearer " + SOLO.token().subject(subject).compact());
        }
        return request.build();
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(request.getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
