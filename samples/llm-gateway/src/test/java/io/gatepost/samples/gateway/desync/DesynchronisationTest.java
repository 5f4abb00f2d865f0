package io.gatepost.samples.gateway.desync;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.samples.gateway.server.GatewayServer;
import io.gatepost.samples.gateway.server.ServeOptions;
import io.gatepost.tools.token.TokenIssuer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two users ask at random, over HTTP/1.1 and HTTP/2, an upstream that answers at random and keeps its connections or
 * not. Each must get its own answers, and what the upstream gets must be exactly the requests that are allowed. With
 * {@code -Dgatepost.desync=200000} as many requests as that, with {@code -Dgatepost.seed} those of a run before.
 */
class DesynchronisationTest {
    private static final int COUNT = Integer.getInteger("gatepost.desync", 2_000);
    private static final long SEED = Long.getLong("gatepost.seed", new Random().nextLong());
    private static final int CLIENTS = 8;
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
            metadata: {name: open}
            spec:
              parentRefs: [{name: gw}]
              rules:
                - matches: [{path: {type: PathPrefix, value: /open}}]
                  backendRefs: [{name: up, port: 80}]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: guarded}
            spec:
              parentRefs: [{name: gw}]
              rules:
                - matches: [{path: {type: PathPrefix, value: /guarded}}]
                  backendRefs: [{name: up, port: 80}]
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: own-paths}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: guarded}]
              traffic:
                jwtAuthentication:
                  mode: Strict
                  providers: [{issuer: solo.io, jwks: {file: KEYS}}]
                authorization:
                  policy: {matchExpressions: ['request.path.startsWith("/guarded/" + jwt.sub + "/")']}
            """;

    @TempDir
    private Path folder;

    @Test
    void givesEachItsOwnAnswerAndTheUpstreamNothingElse() throws Exception {
        TokenIssuer issuer = TokenIssuer.of("solo.io");
        Path keys = Files.writeString(folder.resolve("keys.jwks"), issuer.jwks());
        Path manifests = Files.writeString(folder.resolve("gateway.yaml"), MANIFESTS.replace("KEYS", keys.toString()));
        List<String> tokens = RandomRequests.USERS.stream()
                .map(user -> issuer.token().subject(user).compact())
                .toList();
        Ledger ledger = new Ledger();
        try (DesyncUpstream upstream = new DesyncUpstream(ledger)) {
            GatewayServer gateway = GatewayServer.start(ServeOptions.builder(manifests)
                    .listen(new ServeOptions.Listen("127.0.0.1", 0, 0))
                    .upstreams(new ServeOptions.Upstreams(false, upstream.url(), Map.of()))
                    .build());
            try {
                ask(gateway.url().getPort(), ledger, tokens);
            } finally {
                gateway.close();
            }
        }
        assertThat(ledger.faults()).as("with -Dgatepost.seed=%d", SEED).isEmpty();
    }

    private static void ask(int port, Ledger ledger, List<String> tokens) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<Void>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int number = i;
                clients.add(threads.submit(() -> {
                    Random random = new Random(SEED + number);
                    RandomRequests requests = new RandomRequests(ledger, "c" + number, random, tokens);
                    if (number % 2 == 0) {
                        new Http1Load(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), ledger, requests)
                                .run(COUNT / CLIENTS);
                    } else {
                        new Http2Load(port, ledger, requests).run(COUNT / CLIENTS);
                    }
                    return null;
                }));
            }
            for (Future<Void> client : clients) {
                client.get(1 + COUNT / 20, TimeUnit.MINUTES);
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
