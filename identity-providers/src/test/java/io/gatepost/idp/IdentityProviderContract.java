package io.gatepost.idp;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TrafficPolicy;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What holds with every identity provider that a policy names by its issuer alone. */
@Timeout(300)
abstract class IdentityProviderContract {
    private static final Pattern ACCESS_TOKEN = Pattern.compile("\"access_token\"\\s*:\\s*\"([^\"]+)\"");
    private static final int CLIENTS = 2;

    private final HttpClient http = HttpClient.newHttpClient();
    private final AtomicBoolean over = new AtomicBoolean();
    private final Queue<Object> refused = new ConcurrentLinkedQueue<>();

    /** Its issuer. */
    abstract String issuer();

    /** A token by the client credentials grant (RFC 6749 section 4.4). */
    abstract String token() throws IOException;

    /** By the provider's own means: a new key signs, the one before it stays published, earlier ones leave. */
    abstract void rotate() throws IOException;

    @Test
    void followsThreeRotationsWhileClientsSendWithTheNewestKey() throws Exception {
        JwtProvider provider = JwtProvider.of(issuer(), new JwksSource.Discovery(Origin.CODE));
        try (KeySources keys = KeySources.create();
                PolicyEngine engine = PolicyEngine.builder()
                        .policies(List.of(TrafficPolicy.of("p", JwtAuthentication.of(JwtMode.STRICT, provider), null)))
                        .keys(keys)
                        .build()) {
            String first = token();
            assertThat(decide(engine, first)).isInstanceOf(Decision.Allow.class);
            List<Client> clients =
                    Stream.generate(() -> new Client(engine)).limit(CLIENTS).toList();
            clients.forEach(Thread::start);
            try {
                for (int i = 0; i < 3; i++) {
                    rotate();
                    awaitTokens(clients);
                }
            } finally {
                over.set(true);
                for (Client client : clients) {
                    client.join();
                }
            }

            assertThat(refused).isEmpty();
            assertThat(decide(engine, first))
                    .isInstanceOfSatisfying(
                            Decision.Deny.class,
                            deny -> assertThat(deny.reason()).isEqualTo(DenyReason.KEY_UNKNOWN));
            assertThat(keys.states()).singleElement().satisfies(state -> {
                assertThat(state.source()).contains(issuer());
                assertThat(state.keys()).isEqualTo(2);
                assertThat(state.lastError()).isNull();
            });
        }
    }

    private static Decision decide(PolicyEngine engine, String token) {
        return engine.decide(PolicyRequest.builder("GET", "/")
                .header("Authorization", "Bearer " + token)
                .build());
    }

    private static void awaitTokens(List<Client> clients) {
        for (Client client : clients) {
            int enough = client.sent.get() + 5;
            long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
            while (client.sent.get() < enough) {
                assertThat(System.nanoTime()).as("came true in time").isLessThan(deadline);
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    /** Sends one token after the other, each fresh from the provider. */
    private final class Client extends Thread {
        private final PolicyEngine engine;
        private final AtomicInteger sent = new AtomicInteger();

        Client(PolicyEngine engine) {
            this.engine = engine;
        }

        @Override
        public void run() {
            while (!over.get()) {
                try {
                    Decision decision = decide(engine, token());
                    if (decision instanceof Decision.Deny) {
                        refused.add(decision);
                    }
                } catch (IOException | RuntimeException e) {
                    refused.add(e);
                }
                sent.incrementAndGet();
            }
        }
    }

    final String clientCredentials(URI endpoint, String secret) throws IOException {
        return accessToken(
                endpoint, Map.of("grant_type", "client_credentials", "client_id", "agent", "client_secret", secret));
    }

    final String accessToken(URI endpoint, Map<String, String> form) throws IOException {
        String body = form.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        String answer = send(HttpRequest.newBuilder(endpoint)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
        Matcher token = ACCESS_TOKEN.matcher(answer);
        assertThat(token.find()).as("an access token").isTrue();
        return token.group(1);
    }

    final String send(HttpRequest.Builder request) throws IOException {
        try {
            HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() / 100 != 2) {
                throw new IOException(answer.uri() + " answered " + answer.statusCode() + ": " + answer.body());
            }
            return answer.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
