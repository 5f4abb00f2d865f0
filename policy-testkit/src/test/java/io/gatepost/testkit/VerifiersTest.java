package io.gatepost.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.token.TokenIssuer;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** New tokens are verified where an event loop does not wait for them. ES512 takes the JDK a hundred times a hop. */
class VerifiersTest {
    private static final Executor FULL = task -> {
        throw new RejectedExecutionException();
    };

    private final TokenIssuer issuer = TokenIssuer.of("https://issuer.test", "ES512", "e1", Clock.systemUTC());
    private final Queue<Runnable> handedOver = new ArrayDeque<>();

    @Test
    void tokensSeenBeforeDoNotWaitForNewOnes() {
        PolicyEngine engine = engine(handedOver::add);
        String seen = issuer.token().subject("seen").compact();
        engine.decide(request(seen));

        CompletableFuture<Decision> ofNew =
                decide(engine, issuer.token().subject("new").compact());

        assertThat(ofNew).isNotDone();
        assertThat(decide(engine, seen)).isCompletedWithValueMatching(VerifiersTest::allows);
        handedOver.remove().run();
        assertThat(ofNew).isCompletedWithValueMatching(VerifiersTest::allows);
    }

    @Test
    void aFloodOfNewTokensIsRefusedAndStarvesNobody() {
        PolicyEngine engine = engine(FULL);
        String seen = issuer.token().subject("seen").compact();
        engine.decide(request(seen));

        Decision ofNew = decide(engine, issuer.token().subject("new").compact()).join();

        assertThat(ofNew).isInstanceOfSatisfying(Decision.Deny.class, deny -> {
            assertThat(deny.reason()).isEqualTo(DenyReason.OVERLOADED);
            assertThat(deny.response().status()).isEqualTo(503);
            assertThat(deny.response().headers()).containsEntry("retry-after", "5");
        });
        assertThat(decide(engine, seen)).isCompletedWithValueMatching(VerifiersTest::allows);
    }

    @Test
    void whatWasRefusedInAFloodIsVerifiedAfterIt() {
        PolicyEngine engine = engine(new Executor() {
            private boolean full = true;

            @Override
            public void execute(Runnable task) {
                if (full) {
                    full = false;
                    throw new RejectedExecutionException();
                }
                task.run();
            }
        });
        engine.decide(request(issuer.token().subject("seen").compact()));
        String token = issuer.token().subject("new").compact();

        assertThat(decide(engine, token).join()).isInstanceOf(Decision.Deny.class);
        assertThat(decide(engine, token)).isCompletedWithValueMatching(VerifiersTest::allows);
    }

    @Test
    void aForgedTokenIsRefusedThereAsHere() {
        PolicyEngine engine = engine(handedOver::add);
        engine.decide(request(issuer.token().subject("seen").compact()));
        String forged = issuer.withNewKey("e1").token().compact();

        CompletableFuture<Decision> decision = decide(engine, forged);
        handedOver.remove().run();

        assertThat(decision.join())
                .isInstanceOfSatisfying(
                        Decision.Deny.class, deny -> assertThat(deny.reason()).isEqualTo(DenyReason.SIGNATURE_INVALID));
    }

    @Test
    void whoWaitsVerifiesByItself() {
        PolicyEngine engine = engine(FULL);
        engine.decide(request(issuer.token().subject("seen").compact()));

        assertThat(engine.decide(request(issuer.token().subject("new").compact())))
                .matches(VerifiersTest::allows);
    }

    private static boolean allows(Decision decision) {
        return decision instanceof Decision.Allow;
    }

    private static CompletableFuture<Decision> decide(PolicyEngine engine, String token) {
        return engine.decideAsync(request(token)).toCompletableFuture();
    }

    private static PolicyRequest request(String token) {
        return PolicyRequest.builder("GET", "/")
                .header("Authorization", "Bearer " + token)
                .build();
    }

    private PolicyEngine engine(Executor verifiers) {
        JwtAuthentication jwt = JwtAuthentication.of(JwtMode.STRICT, issuer.provider());
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", jwt, null)))
                .verifyOn(verifiers)
                .build();
    }
}
