package io.gatepost.samples.gateway.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.testkit.MessageHead;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads of requests that Undertow's own parser refuses: they are answered and recorded as all that is refused. */
class RefusedHeadsTest {
    private static final String MANIFESTS = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: gw}
            spec:
              gatewayClassName: agentgateway
              listeners: [{name: http, protocol: HTTP, port: 80}]
            """;
    private static final String HOST = "Host: a.test\r\n";
    private static final String MALFORMED = "request_malformed";
    private static final String TOO_LONG = "request_head_too_long";

    @TempDir
    private Path folder;

    private @Nullable GatewayServer gateway;

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
    }

    /** What is sent, and the status of its answer. */
    private record Head(String name, String octets, int status) {}

    private static final List<Head> HEADS = List.of(
            new Head("a brace in the query", "GET /?q={ HTTP/1.1\r\n" + HOST + "\r\n", 400),
            new Head("no request line", "nonsense\r\n\r\n", 400),
            new Head("201 headers", "GET / HTTP/1.1\r\n" + HOST + "X-A: b\r\n".repeat(200) + "\r\n", 400),
            new Head("a long header", "GET / HTTP/1.1\r\n" + HOST + "X-A: " + "b".repeat(70_000) + "\r\n\r\n", 431),
            new Head("a long target", "GET /" + "b".repeat(70_000) + " HTTP/1.1\r\n" + HOST + "\r\n", 431));

    @ParameterizedTest(name = "in TLS: {0}, behind another request: {1}")
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void areAnsweredNamedAndRecorded(boolean tls, boolean second) throws Exception {
        SocketFactory sockets = start(tls);
        Map<String, Head> answered = new LinkedHashMap<>();
        for (Head head : HEADS) {
            answered.put(refused(sockets, second, head), head);
        }
        gateway().close();
        String audit = Files.readString(folder.resolve("audit.ndjson"));
        answered.forEach((id, head) -> assertThat(audit.lines().filter(line -> line.contains(id)))
                .as(head.name())
                .singleElement()
                .asString()
                .contains("\"request_id\":\"" + id + "\"")
                .contains("\"status\":" + head.status(), "\"reason\":\"request_malformed\""));
    }

    /** The id of the request in the answer. */
    private String refused(SocketFactory sockets, boolean second, Head head) throws IOException {
        try (Socket client = sockets.createSocket(
                InetAddress.getLoopbackAddress(), gateway().url().getPort())) {
            client.setSoTimeout(20_000);
            BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream(), ISO_8859_1));
            if (second) {
                // A body that is longer than a head may be.
                send(client, "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 100000\r\n\r\n" + "x".repeat(100_000));
                MessageHead first = read(in);
                assertThat(first.status()).isEqualTo(404);
                in.skip(Integer.parseInt(Objects.requireNonNull(first.value("content-length"))));
            }
            send(client, head.octets());
            MessageHead answer = read(in);
            assertThat(answer.startLine()).as(head.name()).startsWith("HTTP/1.1 " + head.status() + " ");
            assertThat(answer.value("content-type")).isEqualTo("application/json");
            assertThat(answer.value("connection")).isEqualTo("close");
            char[] body = new char[Integer.parseInt(Objects.requireNonNull(answer.value("content-length")))];
            assertThat(in.read(body)).isEqualTo(body.length);
            assertThat(new String(body))
                    .startsWith("{\"error\":{")
                    .contains("\"code\":\"" + (head.status() == 431 ? TOO_LONG : MALFORMED) + "\"");
            assertThat(in.read()).as("the end").isNegative();
            return Objects.requireNonNull(answer.value("x-request-id"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/?q={", "/mod{els", "/a|b", "/a^b", "/?a=\"b"})
    void areAnsweredOverHttp2WhereTheTargetIsNone(String target) throws Exception {
        start(false);
        try (FrameClient client = FrameClient.clear(gateway().url().getPort())) {
            StreamAnswer answer = client.await(client.get(target));

            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.header("x-request-id")).isNotEmpty();
            assertThat(answer.body()).startsWith("{\"error\":{").contains(MALFORMED);
        }
    }

    private static void send(Socket client, String octets) throws IOException {
        client.getOutputStream().write(octets.getBytes(ISO_8859_1));
        client.getOutputStream().flush();
    }

    private static MessageHead read(BufferedReader in) throws IOException {
        String start = Objects.requireNonNull(in.readLine(), "no answer");
        List<String> fields = new ArrayList<>();
        for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
            fields.add(line);
        }
        return new MessageHead(start, fields);
    }

    private SocketFactory start(boolean tls) throws Exception {
        Path manifests = Files.createDirectories(folder.resolve("manifests"));
        Files.writeString(manifests.resolve("gateway.yaml"), MANIFESTS);
        ServeOptions.Builder options = ServeOptions.builder(manifests)
                .listen(new ServeOptions.Listen("127.0.0.1", 0, 0))
                .upstreams(new ServeOptions.Upstreams(true, null, Map.of()))
                .audit(new ServeOptions.AuditOptions(folder.resolve("audit.ndjson"), List.of(), true));
        SocketFactory sockets = SocketFactory.getDefault();
        if (tls) {
            TestCertificates authority = new TestCertificates(folder);
            TestCertificates.Pair pair = authority.issue("server", "EC", "CN=localhost", "dns:localhost,ip:127.0.0.1");
            options.tls(new TlsFiles(
                    Files.writeString(folder.resolve("cert.pem"), pair.certificatePem()),
                    Files.writeString(folder.resolve("key.pem"), pair.keyPem()),
                    null,
                    false));
            sockets = authority.client(null).getSocketFactory();
        }
        gateway = GatewayServer.start(options.build());
        return sockets;
    }

    private GatewayServer gateway() {
        return Objects.requireNonNull(gateway);
    }
}
