package io.gatepost.samples.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.samples.gateway.server.ServeOptions.Upstreams;
import io.gatepost.testkit.MessageHead;
import io.gatepost.testkit.ScriptedUpstream;
import io.gatepost.testkit.WireClient;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a proxy that logs users in says of them. */
class ProxyHeadersTest {
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://issuer.test");
    private static final String MANIFESTS = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: llm}
            spec: {gatewayClassName: x, listeners: [{name: http, protocol: HTTP, port: 80}]}
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayBackend
            metadata: {name: openai}
            spec: {ai: {provider: {openai: {}}}}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: chat}
            spec:
              parentRefs: [{name: llm}]
              rules: [{backendRefs: [{name: openai, group: agentgateway.dev, kind: AgentgatewayBackend}]}]
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: guard}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: chat}]
              traffic:
                jwtAuthentication:
                  location: {header: {name: X-Forwarded-Access-Token}}
                  providers: [{issuer: 'https://issuer.test', jwks: {inline: 'JWKS'}}]
                authorization:
                  action: Require
                  policy:
                    matchExpressions:
                      - request.headers["x-forwarded-user"] == "alice"
                      - request.headers["x-forwarded-email"].endsWith("@example.com")
                      - '"llm" in request.headers["x-forwarded-groups"].split(",")'
            """.replace("JWKS", ISSUER.jwks());

    @TempDir
    private Path folder;

    private WireClient.Response ask(TrustedProxies proxies, ScriptedUpstream upstream, String groups)
            throws IOException {
        Path file = Files.writeString(folder.resolve("gateway.yaml"), MANIFESTS);
        try (GatewayServer gateway = GatewayServer.start(ServeOptions.builder(file)
                        .upstreams(new Upstreams(false, upstream.base(), Map.of()))
                        .trustedProxies(proxies)
                        .build());
                WireClient client = WireClient.connect(new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), gateway.url().getPort()))) {
            return client.head(
                            "GET /v1/models HTTP/1.1",
                            "Host: llm.test",
                            "X-Forwarded-User: alice",
                            "X-Forwarded-Email: alice@example.com",
                            "X-Forwarded-Groups: " + groups,
                            "X-Forwarded-Access-Token: " + ISSUER.token().compact())
                    .response();
        }
    }

    private static ScriptedUpstream upstream() throws IOException {
        return ScriptedUpstream.start(ScriptedUpstream.always(ScriptedUpstream.response("200 OK", "")));
    }

    @Test
    void countsFromATrustedProxyAndReachesTheUpstreamWithoutTheToken() throws Exception {
        TrustedProxies loopback = TrustedProxies.of(List.of("127.0.0.1"));
        try (ScriptedUpstream upstream = upstream()) {
            assertThat(ask(loopback, upstream, "staff").status()).isEqualTo(403);
            assertThat(ask(loopback, upstream, "staff,llm").status()).isEqualTo(200);

            MessageHead sent = upstream.only().head();
            assertThat(sent.values("x-forwarded-user")).containsExactly("alice");
            assertThat(sent.values("x-forwarded-email")).containsExactly("alice@example.com");
            assertThat(sent.values("x-forwarded-groups")).containsExactly("staff,llm");
            assertThat(sent.values("x-forwarded-access-token")).isEmpty();
        }
    }

    @Test
    void countsForNothingFromAnybodyElse() throws Exception {
        try (ScriptedUpstream upstream = upstream()) {
            for (TrustedProxies proxies : List.of(TrustedProxies.NONE, TrustedProxies.of(List.of("10.0.0.0/8")))) {
                assertThat(ask(proxies, upstream, "llm").status()).isEqualTo(401);
            }
            assertThat(upstream.received()).isEmpty();
        }
    }
}
