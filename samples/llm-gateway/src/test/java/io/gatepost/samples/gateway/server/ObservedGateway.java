package io.gatepost.samples.gateway.server;

import io.gatepost.tools.token.TokenBuilder;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A gateway in front of the mock LLM that has met every kind of request, with all that an operator can look at. */
final class ObservedGateway implements AutoCloseable {
    static final TokenIssuer ISSUER = TokenIssuer.of("solo.io");
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
            metadata: {name: openai}
            spec: {ai: {provider: {openai: {model: gpt-4.1-nano}}}}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: chat}
            spec:
              parentRefs: [{name: gw}]
              rules:
                - matches: [{path: {type: PathPrefix, value: /v1}}]
                  backendRefs: [{name: openai, group: agentgateway.dev, kind: AgentgatewayBackend}]
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: only-alice}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: chat}]
              traffic:
                jwtAuthentication:
                  providers: [{issuer: solo.io, jwks: {file: KEYS}}]
                authorization: {policy: {matchExpressions: ['jwt.sub == "alice"']}}
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: no-posts, annotations: {gatepost.io/enforcement: shadow}}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: chat}]
              traffic:
                authorization: {action: Deny, policy: {matchExpressions: ['request.method == "POST"']}}
            """;

    final Path audit;
    private final Path folder;
    private final HttpClient client = HttpClient.newHttpClient();
    private final GatewayServer gateway;
    private final int adminPort;

    /** @param more further manifests, behind a line of three hyphens */
    ObservedGateway(Path folder, String more, String... auditedClaims) throws IOException {
        this(folder, folder.resolve("audit.ndjson"), more, auditedClaims);
    }

    /** @param audit where decisions are recorded */
    ObservedGateway(Path folder, Path audit, String more, String... auditedClaims) throws IOException {
        this.folder = folder;
        this.audit = audit;
        Path keys = Files.writeString(folder.resolve("keys.jwks"), ISSUER.jwks());
        Files.writeString(folder.resolve("gateway.yaml"), MANIFESTS.replace("KEYS", keys.toString()) + more);
        try (ServerSocket free = new ServerSocket(0)) {
            adminPort = free.getLocalPort();
        }
        gateway = GatewayServer.start(ServeOptions.builder()
                .manifests(new ServeOptions.ManifestFiles(List.of(folder.resolve("gateway.yaml")), true, true))
                .listen(new ServeOptions.Listen("127.0.0.1", 0, adminPort))
                .upstreams(new ServeOptions.Upstreams(true, null, Map.of()))
                .audit(new ServeOptions.AuditOptions(audit, List.of(auditedClaims), true))
                .build());
    }

    /** One of each: allowed, streamed, refused by a rule, without a token, with a bad one, without a route. */
    ObservedGateway busy() throws Exception {
        chat(ISSUER.token(), false);
        chat(ISSUER.token(), true);
        chat(ISSUER.token().subject("bob"), false);
        chat(null, false);
        chat(ISSUER.token().signedBy(TokenIssuer.of("other")), false);
        client.send(HttpRequest.newBuilder(url("/none")).build(), HttpResponse.BodyHandlers.ofString());
        return this;
    }

    HttpResponse<String> chat(@Nullable TokenBuilder token, boolean stream) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(url("/v1/chat/completions"))
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"model\":\"of-the-client\",\"messages\":[],\"stream\":" + stream + "}"));
        if (token != null) {
            request.header("Authorization", "Bearer " + token.compact());
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    URI url(String path) {
        return gateway.url().resolve(path);
    }

    Path folder() {
        return folder;
    }

    HttpResponse<String> admin(String path) throws Exception {
        URI url = URI.create("http://127.0.0.1:" + adminPort + path);
        return client.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** What is exported once it says this: some is counted only after the client has its answer. */
    String metricsWith(String... lines) throws Exception {
        long end = System.nanoTime() + 20_000_000_000L;
        String metrics = admin("/metrics").body();
        while (!Stream.of(lines).allMatch(metrics::contains) && System.nanoTime() < end) {
            metrics = admin("/metrics").body();
        }
        return metrics;
    }

    @Override
    public void close() {
        gateway.close();
    }
}
