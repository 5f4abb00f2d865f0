package io.gatepost.samples.gateway.server;

import static io.gatepost.samples.gateway.server.Http2Client.DATA;
import static io.gatepost.samples.gateway.server.Http2Client.END_HEADERS;
import static io.gatepost.samples.gateway.server.Http2Client.END_STREAM;
import static io.gatepost.samples.gateway.server.Http2Client.HEADERS;
import static io.gatepost.samples.gateway.server.Http2Client.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import io.gatepost.testkit.ScriptedUpstream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bodies that rules or a backend's model read: how long they may be, and which model is sent. */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class JudgedBodyTest {
    private static final String MANIFESTS = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: gw}
            spec:
              gatewayClassName: agentgateway
              listeners: [{name: http, protocol: HTTP, port: 80}]
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayBackend
            metadata: {name: fixed}
            spec: {ai: {provider: {openai: {model: override}}}}
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayBackend
            metadata: {name: chosen}
            spec: {ai: {provider: {openai: {}}}}
            """ + route("fixed") + route("chosen") + """
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: rule}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: chosen}]
              traffic:
                authorization:
                  policy:
                    matchExpressions: ['llm.requestModel == "small"']
            """;

    @TempDir
    private Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private ScriptedUpstream upstream;
    private GatewayServer gateway;

    private static String route(String name) {
        return """
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: %1$s}
                spec:
                  parentRefs: [{name: gw}]
                  rules:
                  - matches: [{path: {type: PathPrefix, value: /%1$s}}]
                    backendRefs: [{name: %1$s, group: agentgateway.dev, kind: AgentgatewayBackend}]
                """.formatted(name);
    }

    @BeforeEach
    void startUpstream() throws IOException {
        upstream = ScriptedUpstream.start(Http2Gateway.ok());
        Files.writeString(folder.resolve("gateway.yaml"), MANIFESTS);
    }

    @AfterEach
    void stop() throws IOException {
        gateway.close();
        upstream.close();
    }

    @Test
    void readsBodiesUpToItsFlagFromTheStartAndAfterAReload() throws Exception {
        start(3_000_000);
        String body = body("small", 2_600_000);
        for (int reloads = 0; reloads < 2; reloads++) {
            assertThat(post("/chosen/v1/chat/completions", body)).isEqualTo(200);
            assertThat(post("/chosen/v1/chat/completions", body("large", 2_600_000)))
                    .isEqualTo(403);
            assertThat(post("/fixed/v1/chat/completions", body)).isEqualTo(200);
            assertThat(post("/fixed/v1/chat/completions", body("small", 3_000_000)))
                    .isEqualTo(413);
            assertThat(post("/chosen/v1/chat/completions", body("small", 3_000_000)))
                    .isEqualTo(413);
            Files.writeString(folder.resolve("gateway.yaml"), MANIFESTS.replace("override", "other"));
            awaitReload();
        }
        assertThat(upstream.received())
                .extracting(received -> received.text().substring(0, 18))
                .containsExactly(
                        "{\"model\":\"small\",\"",
                        "{\"model\":\"override",
                        "{\"model\":\"small\",\"",
                        "{\"model\":\"other\",\"");
    }

    @Test
    void readsNoMoreThanItsFlagOverHttp2() throws Exception {
        start(64);
        assertThat(postOverHttp2("/chosen/v1/chat/completions", body("small", 10), false))
                .isEqualTo("200");
        assertThat(postOverHttp2("/chosen/v1/chat/completions", body("small", 60), false))
                .isEqualTo("413");
        assertThat(postOverHttp2("/fixed/v1/chat/completions", body("small", 10), false))
                .isEqualTo("200");
        assertThat(postOverHttp2("/fixed/v1/chat/completions", body("small", 60), false))
                .isEqualTo("413");
        assertThat(postOverHttp2("/fixed/v1/chat/completions", body("small", 60), true))
                .isEqualTo("413");
        assertThat(upstream.received()).hasSize(2);
    }

    @Test
    void sendsTheModelOfTheBackendAndNoOther() throws Exception {
        start(1_000);
        postOverHttp2("/fixed/v1/chat/completions?model=large", body("small", 1), true);
        try (Http2Client http2 = Http2Client.connect(gateway.url().getPort(), null)) {
            http2.frame(HEADERS, END_HEADERS | END_STREAM, 1, request("DELETE", "/fixed/v1/files/f1"));
            assertThat(http2.answer(1).status()).isEqualTo("200");
        }

        assertThat(upstream.received())
                .extracting(received -> received.head().target() + " " + received.text())
                .containsExactly(
                        "/v1/chat/completions?model=override {\"model\":\"override\",\"pad\":\"x\"}",
                        "/v1/fixed/v1/files/f1 ");
        assertThat(upstream.received().get(1).head().values("transfer-encoding"))
                .isEmpty();
    }

    private static String body(String model, int length) {
        return "{\"model\":\"" + model + "\",\"pad\":\"" + "x".repeat(length) + "\"}";
    }

    private void start(int judgedBodyBytes) {
        Limits usual = Limits.DEFAULT;
        gateway = GatewayServer.start(ServeOptions.builder(folder)
                .upstreams(new ServeOptions.Upstreams(false, upstream.base(), Map.of()))
                .limits(new Limits(
                        usual.headerBytes(),
                        usual.bodyBytes(),
                        judgedBodyBytes,
                        usual.connections(),
                        usual.streams(),
                        usual.headTimeout(),
                        usual.keepAliveTimeout(),
                        usual.bodyTimeout()))
                .build());
    }

    private int post(String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(gateway.url() + path))
                .version(HttpClient.Version.HTTP_1_1)
                .POST(BodyPublishers.ofString(body))
                .build();
        return client.send(request, BodyHandlers.discarding()).statusCode();
    }

    private String postOverHttp2(String path, String body, boolean zstd) throws IOException {
        byte[] sent = zstd ? Zstd.compress(body.getBytes(UTF_8)) : body.getBytes(UTF_8);
        byte[] head = zstd ? request("POST", path, "content-encoding", "zstd") : request("POST", path);
        try (Http2Client http2 = Http2Client.connect(gateway.url().getPort(), null)) {
            http2.frame(HEADERS, END_HEADERS, 1, head).frame(DATA, END_STREAM, 1, sent);
            return String.valueOf(http2.answer(1).status());
        }
    }

    private void awaitReload() {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!gateway.metrics().contains("gatepost_reloads_total{result=\"taken\"} 1")) {
            assertThat(System.nanoTime()).as("a reload").isLessThan(end);
            Thread.onSpinWait();
        }
    }
}
