package io.gatepost.undertow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.policy.forward.Upstream;
import io.gatepost.policy.forward.UpstreamCredential;
import io.gatepost.policy.forward.UpstreamPath;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    private static Path folder;

    /** Knows a key for {@code up.test} and {@code localhost}, and trusts it. */
    private static SSLContext context;

    @BeforeAll
    static void makeCertificate() throws Exception {
        Path file = folder.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "key",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=up.test",
                        "-ext",
                        "SAN=dns:up.test,dns:localhost",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .inheritIO()
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("key", keys.getCertificate("key"));
        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(keys, PASSWORD);
        TrustManagerFactory trustManagers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trustManagers.init(trusted);
        context = SSLContext.getInstance("TLS");
        context.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
    }

    @ParameterizedTest
    @CsvSource({
        "up.test, , true, 200",
        "other.test, , true, 502",
        "other.test, up.test, true, 200",
        "up.test, , false, 502"
    })
    void sendsNothingToAnUpstreamWithoutTheRightCertificate(
            String host, @Nullable String serverName, boolean trusted, int status) throws Exception {
        try (RawUpstream upstream = new RawUpstream(RawUpstream.OK, context.getServerSocketFactory());
                GatewayUnderTest gateway = new GatewayUnderTest(LlmForwardingHandler.builder(new Upstream(
                                URI.create("https://" + host + ":8443"),
                                UpstreamPath.UNCHANGED,
                                null,
                                UpstreamCredential.NONE,
                                trusted ? context : null,
                                serverName))
                        .connectTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), upstream.port()))
                        .build())) {
            String response = gateway.exchange("GET /v1 HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n");

            assertThat(response).startsWith("HTTP/1.1 " + status);
            assertThat(upstream.seen()).hasSize(status == 200 ? 1 : 0);
        }
    }

    @Test
    void connectsAWebSocketWithAnUpstreamInTls() throws Exception {
        byte[] message = new byte[1 << 20];
        message[message.length - 1] = 1;
        try (RawUpstream upstream = new RawUpstream(new WebSocketEcho(), context.getServerSocketFactory());
                GatewayUnderTest gateway = new GatewayUnderTest(LlmForwardingHandler.builder(new Upstream(
                                URI.create("https://up.test:8443"),
                                UpstreamPath.UNCHANGED,
                                null,
                                UpstreamCredential.NONE,
                                context,
                                null))
                        .connectTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), upstream.port()))
                        .build())) {
            ByteArrayOutputStream echoed = new ByteArrayOutputStream();
            CompletableFuture<byte[]> whole = new CompletableFuture<>();
            WebSocket.Listener listener = new WebSocket.Listener() {
                @Override
                public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
                    byte[] piece = new byte[data.remaining()];
                    data.get(piece);
                    echoed.writeBytes(piece);
                    if (last) {
                        whole.complete(echoed.toByteArray());
                    }
                    socket.request(1);
                    return null;
                }
            };
            WebSocket socket = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(URI.create("ws://127.0.0.1:" + gateway.port(0) + "/v1/realtime"), listener)
                    .get(10, TimeUnit.SECONDS);
            socket.sendBinary(ByteBuffer.wrap(message), true).join();

            assertThat(whole.get(20, TimeUnit.SECONDS)).isEqualTo(message);
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
            assertThat(upstream.nextEnd()).isNotNull();
        }
    }

    @Test
    void speaksHttp2WhereClientAndServerAgreeOnIt() throws Exception {
        try (RawUpstream upstream = new RawUpstream(RawUpstream.OK);
                GatewayUnderTest gateway = new GatewayUnderTest(
                        LlmForwardingHandler.to(Upstream.of(upstream.url())),
                        TrustedProxies.NONE,
                        (request, decision, elapsed) ->
                                assertThat(request.scheme()).isEqualTo("https"),
                        builder -> builder)) {
            HttpResponse<String> response = HttpClient.newBuilder()
                    .sslContext(context)
                    .build()
                    .send(
                            HttpRequest.newBuilder(
                                            URI.create("https://localhost:" + gateway.http2Port(context) + "/v1"))
                                    .build(),
                            BodyHandlers.ofString());

            assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(response.body()).isEqualTo("ok");
            RawUpstream.Request sent = upstream.next();
            assertThat(sent.values("x-forwarded-proto")).containsExactly("https");
        }
    }

    @Test
    void joinsTheCookiesOfHttp2() throws Exception {
        try (RawUpstream upstream = new RawUpstream(RawUpstream.OK);
                GatewayUnderTest gateway = new GatewayUnderTest(LlmForwardingHandler.to(Upstream.of(upstream.url())))) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("https://localhost:" + gateway.http2Port(context) + "/v1?a=b"))
                    .header("Cookie", "a=b")
                    .header("Cookie", "c=d")
                    .POST(BodyPublishers.ofString("{}"))
                    .build();

            HttpResponse<String> response =
                    HttpClient.newBuilder().sslContext(context).build().send(request, BodyHandlers.ofString());

            assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(response.body()).isEqualTo("ok");
            RawUpstream.Request sent = upstream.next();
            assertThat(sent.line()).isEqualTo("POST /v1?a=b HTTP/1.1");
            assertThat(sent.body()).isEqualTo("{}");
            assertThat(sent.values("cookie")).containsExactly("a=b; c=d");
            assertThat(sent.headers()).noneMatch(header -> header.startsWith(":"));
        }
    }

    private static LlmForwardingHandler toTls(RawUpstream upstream) {
        return LlmForwardingHandler.builder(new Upstream(
                        URI.create("https://up.test"),
                        UpstreamPath.UNCHANGED,
                        null,
                        UpstreamCredential.NONE,
                        context,
                        null))
                .connectTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), upstream.port()))
                .build();
    }

    /** How an upstream leaves its connection behind an answer. */
    @ParameterizedTest
    @CsvSource({"quiet, 1", "surplus in the same record, 20", "surplus in the next record, 20", "closed, 20"})
    void usesNoDoubtfulConnectionAgain(String how, int connections) throws Exception {
        String ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        String evil = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
        Semaphore written = new Semaphore(0);
        RawUpstream.Answer answer = (request, client) -> {
            client.setTcpNoDelay(true);
            OutputStream out = client.getOutputStream();
            out.write((how.contains("same") ? ok + evil : ok).getBytes(ISO_8859_1));
            if (how.contains("next")) {
                out.write(evil.getBytes(ISO_8859_1));
            } else if (how.equals("closed")) {
                client.close();
            }
            written.release();
        };
        try (RawUpstream upstream = new RawUpstream(answer, context.getServerSocketFactory());
                GatewayUnderTest gateway = new GatewayUnderTest(toTls(upstream))) {
            HttpClient client = HttpClient.newHttpClient();
            for (int i = 0; i < 20; i++) {
                HttpRequest request = HttpRequest.newBuilder(gateway.url("/v1"))
                        .version(HttpClient.Version.HTTP_1_1)
                        .build();
                HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
                assertThat(response.statusCode()).isEqualTo(200);
                assertThat(response.body()).isEqualTo("ok");
                assertThat(written.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            }
            assertThat(upstream.connections()).isEqualTo(connections);
        }
    }

    @Test
    void endsTheUpstreamsWorkWhereTheClientGoesAway() throws Exception {
        CountDownLatch came = new CountDownLatch(1);
        try (RawUpstream upstream =
                        new RawUpstream((request, client) -> came.countDown(), context.getServerSocketFactory());
                GatewayUnderTest gateway = new GatewayUnderTest(toTls(upstream))) {
            try (Socket client = gateway.connect()) {
                client.getOutputStream().write("GET /v1 HTTP/1.1\r\nHost: a.test\r\n\r\n".getBytes(ISO_8859_1));
                assertThat(came.await(20, TimeUnit.SECONDS)).isTrue();
            }

            assertThat(upstream.nextEnd()).isNotNull();
        }
    }

    @Test
    void passesALargeBodyEitherWay() throws Exception {
        String body = "0123456789abcdef".repeat(200_000);
        RawUpstream.Answer echo = (request, client) -> client.getOutputStream()
                .write(("HTTP/1.1 200 OK\r\nContent-Length: " + request.body().length() + "\r\n\r\n" + request.body())
                        .getBytes(ISO_8859_1));
        try (RawUpstream upstream = new RawUpstream(echo, context.getServerSocketFactory());
                GatewayUnderTest gateway = new GatewayUnderTest(toTls(upstream))) {
            for (HttpClient.Version version : HttpClient.Version.values()) {
                HttpRequest request = HttpRequest.newBuilder(gateway.url("/v1"))
                        .version(version)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();

                assertThat(HttpClient.newHttpClient()
                                .send(request, BodyHandlers.ofString())
                                .body())
                        .isEqualTo(body);
            }
        }
    }
}
