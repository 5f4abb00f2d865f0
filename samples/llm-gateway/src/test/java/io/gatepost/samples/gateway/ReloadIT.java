package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.tools.token.TokenIssuer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes the policy over and over under load: {@code -Dgatepost.reloads=200} for all of a minute. */
class ReloadIT {
    private static final int RELOADS = Integer.getInteger("gatepost.reloads", 30);
    private static final int CLIENTS = 8;
    private static final TokenIssuer SOLO = TokenIssuer.of("solo.io");
    private static final String TAKEN = "gatepost_reloads_total{result=\"taken\"}";
    private static final String REFUSED = "gatepost_reloads_total{result=\"refused\"}";
    private static final String POLICY = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: some}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: a}]
              traffic:
                jwtAuthentication:
                  providers: [{issuer: solo.io, jwks: {inline: 'JWKS'}}]
                authorization: {policy: {matchExpressions: ['jwt.sub in ["alice", "USER"]']}}
            """.replace("JWKS", SOLO.jwks());

    @TempDir
    private Path folder;

    private final LongAdder requests = new LongAdder();
    private final AtomicBoolean over = new AtomicBoolean();

    @Test
    void decidesRightAndLeaksNothingWhilePoliciesChange() throws Exception {
        Path manifests = Files.createDirectory(folder.resolve("manifests"));
        Files.writeString(manifests.resolve("route.yaml"), LifeIT.ROUTE);
        write(manifests, "user0");
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try (GatewayProcess gateway = new GatewayProcess(folder, "--file", manifests.toString(), "--mock-llm")) {
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(threads.submit(() -> {
                    load(gateway);
                    return null;
                }));
            }
            reload(gateway, manifests, 0, 10);
            GatewayProcess.Held before = gateway.held();
            long begun = System.nanoTime();
            reload(gateway, manifests, 10, RELOADS);
            Duration took = Duration.ofNanos(System.nanoTime() - begun);
            refuse(gateway, manifests);
            GatewayProcess.Held after = gateway.held();
            over.set(true);
            for (Future<?> client : clients) {
                client.get(60, TimeUnit.SECONDS);
            }
            System.out.println(RELOADS + " reloads in " + took.toMillis() + " ms, " + requests.sum()
                    + " requests; before " + before + ", after " + after);
            assertThat(gateway.metric("gatepost_requests_total")).isEqualTo(requests.sum());
            assertThat(after.threads()).isLessThanOrEqualTo(before.threads() + 2);
            assertThat(after.files()).isLessThanOrEqualTo(before.files() + 4);
            assertThat(after.classes()).isLessThanOrEqualTo(before.classes() + 100);
        } finally {
            over.set(true);
            threads.shutdownNow();
        }
    }

    /** Every answer is right whichever of the policies it came by. */
    private void load(GatewayProcess gateway) throws Exception {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        String alice = SOLO.token().subject("alice").compact();
        String bob = SOLO.token().subject("bob").compact();
        while (!over.get()) {
            assertThat(status(client, gateway, alice)).isEqualTo(200);
            assertThat(status(client, gateway, bob)).isEqualTo(403);
            assertThat(status(client, gateway, "no.token.atall")).isEqualTo(401);
        }
    }

    private int status(HttpClient client, GatewayProcess gateway, String token) throws Exception {
        requests.increment();
        HttpRequest request = HttpRequest.newBuilder(gateway.url().resolve("/v1/chat/completions"))
                .header("Authorization", "Bearer " + token)
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"m\",\"messages\":[]}"))
                .timeout(Duration.ofSeconds(30))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private static void reload(GatewayProcess gateway, Path manifests, int from, int count) throws Exception {
        for (int i = from + 1; i <= from + count; i++) {
            write(manifests, "user" + i);
            await(gateway, TAKEN, i);
        }
    }

    private static void refuse(GatewayProcess gateway, Path manifests) throws Exception {
        write(manifests, "\", (");
        await(gateway, REFUSED, 1);
        assertThat(gateway.admin("/readyz").statusCode()).isEqualTo(200);
        assertThat(gateway.log()).contains("the changed files are not served, what was read before still is");
    }

    private static void await(GatewayProcess gateway, String series, long count) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (gateway.metric(series) < count && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        assertThat(gateway.metric(series)).isEqualTo(count);
    }

    private static void write(Path manifests, String user) throws Exception {
        Path draft = Files.writeString(manifests.resolve(".policy"), POLICY.replace("USER", user));
        Files.move(draft, manifests.resolve("policy.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }
}
