package io.gatepost.samples.gateway.server;

import io.gatepost.testkit.ScriptedUpstream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A gateway with one open route, but for `/admin` and the header `x-admin`, before an upstream that notes all it gets.
 */
final class Http2Gateway implements AutoCloseable {
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
            metadata: {name: any}
            spec: {static: {host: any.test, port: 80}}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: route}
            spec:
              parentRefs: [{name: gw}]
              rules: [{backendRefs: [{name: any, group: agentgateway.dev, kind: AgentgatewayBackend}]}]
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: rule}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: route}]
              traffic:
                authorization:
                  action: Deny
                  policy:
                    matchExpressions: ['"x-admin" in request.headers || request.path.startsWith("/admin")']
            """;

    private final ScriptedUpstream upstream;
    private final GatewayServer server;
    private final @Nullable SSLContext tls;

    private Http2Gateway(ScriptedUpstream upstream, GatewayServer server, @Nullable SSLContext tls) {
        this.upstream = upstream;
        this.server = server;
        this.tls = tls;
    }

    static Http2Gateway start(Path folder, ScriptedUpstream.Script script, UnaryOperator<ServeOptions.Builder> options)
            throws IOException {
        return start(folder, script, options, null);
    }

    static Http2Gateway startTls(Path folder, ScriptedUpstream.Script script) throws Exception {
        TestCertificates authority = new TestCertificates(folder);
        TestCertificates.Pair pair = authority.issue("server", "EC", "CN=localhost", "dns:localhost,ip:127.0.0.1");
        TlsFiles files = new TlsFiles(
                Files.writeString(folder.resolve("cert.pem"), pair.certificatePem()),
                Files.writeString(folder.resolve("key.pem"), pair.keyPem()),
                null,
                false);
        return start(folder, script, options -> options.tls(files), authority.client(null));
    }

    private static Http2Gateway start(
            Path folder,
            ScriptedUpstream.Script script,
            UnaryOperator<ServeOptions.Builder> options,
            @Nullable SSLContext tls)
            throws IOException {
        Path manifests = Files.createDirectories(folder.resolve("manifests"));
        Files.writeString(manifests.resolve("gateway.yaml"), MANIFESTS);
        ScriptedUpstream upstream = ScriptedUpstream.start(script);
        GatewayServer server = GatewayServer.start(options.apply(ServeOptions.builder(manifests)
                        .upstreams(new ServeOptions.Upstreams(false, upstream.base(), Map.of())))
                .build());
        return new Http2Gateway(upstream, server, tls);
    }

    static ScriptedUpstream.Script ok() {
        return ScriptedUpstream.always(ScriptedUpstream.response("200 OK", "ok"));
    }

    ScriptedUpstream upstream() {
        return upstream;
    }

    int port() {
        return server.url().getPort();
    }

    Http2Client connect() throws IOException {
        return Http2Client.connect(port(), tls);
    }

    @Override
    public void close() throws IOException {
        server.close();
        upstream.close();
    }
}
