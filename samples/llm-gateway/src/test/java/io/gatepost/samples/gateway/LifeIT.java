package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the jar starts and ends. */
class LifeIT {
    private static final TokenIssuer SOLO = TokenIssuer.of("solo.io");
    static final String ROUTE = """
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
    private static final String POLICY = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: only-alice}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: a}]
              traffic:
                jwtAuthentication:
                  providers: [{issuer: solo.io, jwks: {remote: {url: 'URL'}}}]
                authorization: {policy: {matchExpressions: ['jwt.sub == "alice"']}}
            """;

    @TempDir
    private Path folder;

    private final CountDownLatch go = new CountDownLatch(1);
    private final HttpClient client = HttpClient.newHttpClient();
    private HttpServer server;
    private Path manifests;

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(task -> new Thread(task).start());
        server.createContext("/jwks", exchange -> {
            byte[] keys = SOLO.jwks().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, keys.length);
            exchange.getResponseBody().write(keys);
            exchange.close();
        });
        server.createContext("/stream", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("first ".getBytes(StandardCharsets.US_ASCII));
            exchange.getResponseBody().flush();
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.getResponseBody().write("last".getBytes(StandardCharsets.US_ASCII));
            exchange.close();
        });
        server.createContext("/v1", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        manifests = Files.createDirectory(folder.resolve("manifests"));
        Files.writeString(manifests.resolve("route.yaml"), ROUTE);
    }

    @AfterEach
    void stopServer() {
        go.countDown();
        server.stop(0);
    }

    @Test
    void endsOnSigtermOnceItsStreamsHaveAndExitsWithZero() throws Exception {
        try (GatewayProcess gateway = start();
                Socket stream = new Socket(
                        InetAddress.getLoopbackAddress(), gateway.url().getPort())) {
            stream.getOutputStream()
                    .write("GET /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            String head = until(stream.getInputStream(), "first ");
            assertThat(gateway.admin("/readyz").statusCode()).isEqualTo(200);

            gateway.terminate();

            awaitUnready(gateway);
            assertThat(gateway.isAlive()).isTrue();
            go.countDown();
            assertThat(head + until(stream.getInputStream(), "last")).startsWith("HTTP/1.1 200 ");
            assertThat(gateway.exit()).isZero();
        }
    }

    @Test
    void servesAfterAKillWhileTheKeyServerIsDown() throws Exception {
        String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/jwks";
        Files.writeString(manifests.resolve("policy.yaml"), POLICY.replace("URL", url));
        Path state = Files.createDirectory(
                folder.resolve("state"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (GatewayProcess first = start("--state-dir", state.toString())) {
            assertThat(status(first, "alice")).isEqualTo(200);
            first.kill();
        }
        server.removeContext("/jwks");
        long begun = System.nanoTime();
        try (GatewayProcess second = start("--state-dir", state.toString())) {
            Duration ready = Duration.ofNanos(System.nanoTime() - begun);
            assertThat(status(second, "alice")).isEqualTo(200);
            assertThat(status(second, "bob")).isEqualTo(403);
            Duration serving = Duration.ofNanos(System.nanoTime() - begun);
            System.out.println("after a kill: ready in " + ready.toMillis() + " ms, two decisions after "
                    + serving.toMillis() + " ms");
        }
    }

    @Test
    void saysWhatItGuardsBeforeItIsReady() throws Exception {
        String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/jwks";
        Files.writeString(manifests.resolve("policy.yaml"), POLICY.replace("URL", url));
        try (GatewayProcess gateway = start()) {
            assertThat(gateway.printed())
                    .containsExactly(
                            "route default/a: strict JWT of solo.io, keys from " + url
                                    + ", 1 rule (policy default/only-alice)",
                            "ready " + gateway.url());
        }
    }

    @Test
    void saysOnceWhatToDoAboutKeysThatCantBeRead() throws Exception {
        int nobody;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = free.getLocalPort();
        }
        String url = "http://127.0.0.1:" + nobody + "/jwks";
        Files.writeString(manifests.resolve("policy.yaml"), POLICY.replace("URL", url));
        try (GatewayProcess gateway = start()) {
            assertThat(status(gateway, "alice")).isEqualTo(503);

            assertThat(told(gateway, "jwks"))
                    .singleElement(InstanceOfAssertFactories.STRING)
                    .contains("keys of " + url + " can't be read: no connection")
                    .contains("until they are, requests with a token of theirs get 503")
                    .contains("correct what is wrong there, or the address in the policy");
        }
    }

    @Test
    void saysOnceWhatToDoAboutASecretThatIsMissing() throws Exception {
        Files.writeString(manifests.resolve("route.yaml"), """
                apiVersion: gateway.networking.k8s.io/v1
                kind: Gateway
                metadata: {name: gw}
                spec:
                  gatewayClassName: agentgateway
                  listeners: [{name: http, protocol: HTTP, port: 80}]
                ---
                apiVersion: agentgateway.dev/v1alpha1
                kind: AgentgatewayBackend
                metadata: {name: openai}
                spec:
                  ai: {provider: {openai: {model: gpt-4.1-nano}}}
                  policies: {auth: {secretRef: {name: openai-secret}}}
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: chat}
                spec:
                  parentRefs: [{name: gw}]
                  rules: [{backendRefs: [{name: openai, group: agentgateway.dev, kind: AgentgatewayBackend}]}]
                """);
        try (GatewayProcess gateway = start()) {
            assertThat(status(gateway, "alice")).isEqualTo(500);

            assertThat(told(gateway, "ecret"))
                    .singleElement(InstanceOfAssertFactories.STRING)
                    .contains("route.yaml:13:")
                    .contains("Secret `default/openai-secret` is not in these files: add it or correct the name;")
                    .contains("until then routes that need it answer 500");
        }
    }

    @Test
    void writesSomeLinesOnlyAboutAFloodOfRefusals() throws Exception {
        Files.writeString(
                manifests.resolve("policy.yaml"),
                POLICY.replace("{remote: {url: 'URL'}}", "{inline: '" + SOLO.jwks() + "'}"));
        int requests = 3_000;
        try (GatewayProcess gateway = start()) {
            String one = "GET /v1 HTTP/1.1\r\nHost: a\r\n";
            String all = (one + "\r\n").repeat(requests - 1) + one + "Connection: close\r\n\r\n";
            try (Socket client =
                    new Socket(InetAddress.getLoopbackAddress(), gateway.url().getPort())) {
                Thread sender = new Thread(() -> send(client, all));
                sender.start();
                String answers = new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
                sender.join();
                assertThat(answers.split("HTTP/1\\.1 401 ", -1)).hasSize(requests + 1);
            }
            int asked = requests;
            long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (refusals(gateway) != asked && System.nanoTime() < end) {
                assertThat(status(gateway, "bob")).isEqualTo(403);
                asked++;
            }

            assertThat(refusals(gateway)).isEqualTo(asked);
            assertThat(gateway.log()).contains("refusals have no line here");
        }
    }

    private static void send(Socket client, String text) {
        try {
            client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException noticed) {
            // Then answers are missing.
        }
    }

    /** Those with a line and those that a line counts. */
    private static long refusals(GatewayProcess gateway) throws IOException {
        Matcher missed = Pattern.compile("(\\d+) refusals have no line").matcher(gateway.log());
        long counted =
                missed.results().mapToLong(one -> Long.parseLong(one.group(1))).sum();
        return counted
                + gateway.log()
                        .lines()
                        .filter(line -> line.contains("decision=deny"))
                        .count();
    }

    /** The log's lines about something; none of them is part of a stack trace. */
    private static List<String> told(GatewayProcess gateway, String what) throws IOException {
        assertThat(gateway.log()).doesNotContain("\tat ").doesNotContain("Exception");
        return gateway.log()
                .lines()
                .filter(line -> line.contains(what) && !line.contains("decision=deny"))
                .toList();
    }

    private GatewayProcess start(String... options) throws IOException {
        String[] all = new String[options.length + 4];
        all[0] = "--file";
        all[1] = manifests.toString();
        all[2] = "--upstream";
        all[3] = "http://127.0.0.1:" + server.getAddress().getPort();
        System.arraycopy(options, 0, all, 4, options.length);
        return new GatewayProcess(folder, all);
    }

    private int status(GatewayProcess gateway, String subject) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(gateway.url().resolve("/v1"))
                .header(
                        "Authorization",
                        "Bearer " + SOLO.token().subject(subject).compact())
                .build();
        return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private static void awaitUnready(GatewayProcess gateway) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (gateway.admin("/readyz").statusCode() != 503 && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(gateway.admin("/readyz").statusCode()).isEqualTo(503);
    }

    private static String until(InputStream in, String end) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf(end) < 0) {
            int octet = in.read();
            if (octet < 0) {
                throw new IOException("ended: " + text);
            }
            text.append((char) octet);
        }
        return text.toString();
    }
}
