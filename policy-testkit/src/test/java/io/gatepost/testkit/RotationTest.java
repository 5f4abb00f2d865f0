package io.gatepost.testkit;

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
import io.gatepost.tools.token.TokenIssuer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An identity provider that rotates its key while clients send with the newest one at once. */
@Timeout(60)
class RotationTest {
    private static final int CLIENTS = 4;

    private final TestKeyServer provider = TestKeyServer.start();
    private final KeySources keys = KeySources.create();
    private final AtomicBoolean over = new AtomicBoolean();
    private final Queue<Decision> refused = new ConcurrentLinkedQueue<>();
    private PolicyEngine engine = PolicyEngine.builder().allowingEverything().build();

    @BeforeEach
    void trustTheProvider() {
        JwksSource source = new JwksSource.RemoteUrl(provider.jwksUrl(), Duration.ofHours(1), Origin.CODE);
        JwtProvider trusted = JwtProvider.of(provider.issuer().issuer(), source);
        engine = PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", JwtAuthentication.of(JwtMode.STRICT, trusted), null)))
                .keys(keys)
                .build();
    }

    @AfterEach
    void close() {
        over.set(true);
        engine.close();
        keys.close();
        provider.close();
    }

    @Test
    void refusesNotOneValidTokenAndNoRetiredKeyLonger() throws InterruptedException {
        TokenIssuer first = provider.issuer();
        List<Client> clients = Stream.generate(Client::new).limit(CLIENTS).toList();
        clients.forEach(Thread::start);
        awaitTokens(clients);
        for (int i = 0; i < 3; i++) {
            provider.rotate();
            awaitTokens(clients);
        }
        over.set(true);
        for (Client client : clients) {
            client.join();
        }

        assertThat(refused).isEmpty();
        // The first fetch, and one for each rotation; a token may find one under way that began before its key was
        // made.
        assertThat(provider.fetches()).isBetween(4, 7);
        assertThat(decide(first))
                .isInstanceOfSatisfying(
                        Decision.Deny.class, deny -> assertThat(deny.reason()).isEqualTo(DenyReason.KEY_UNKNOWN));
    }

    private Decision decide(TokenIssuer issuer) {
        return engine.decide(PolicyRequest.builder("GET", "/")
                .header("Authorization", "Bearer " + issuer.token().compact())
                .build());
    }

    /** Until every client has sent with the newest key. */
    private static void awaitTokens(List<Client> clients) {
        for (Client client : clients) {
            int enough = client.sent.get() + 20;
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (client.sent.get() < enough) {
                assertThat(System.nanoTime()).as("came true in time").isLessThan(deadline);
                LockSupport.parkNanos(100_000);
            }
        }
    }

    /** Sends one token after the other, each with the newest key. */
    private final class Client extends Thread {
        private final AtomicInteger sent = new AtomicInteger();

        @Override
        public void run() {
            while (!over.get()) {
                Decision decision = decide(provider.issuer());
                if (decision instanceof Decision.Deny) {
                    refused.add(decision);
                }
                sent.incrementAndGet();
            }
        }
    }
}
