package io.gatepost.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.token.TokenIssuer;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The heap stays flat however many tokens come. {@code -Dgatepost.tokens=1000000} makes them many. */
class TokenCacheMemoryTest {
    private static final int TOKENS = Integer.getInteger("gatepost.tokens", 2_000);
    private static final long TOLERANCE = 20L * 1024 * 1024;

    private final TokenIssuer issuer = TokenIssuer.of("https://issuer.test", "ES256", "e1", Clock.systemUTC());

    @Test
    void staysFlatOverManyDistinctTokens() {
        int cached = TOKENS / 100;
        try (PolicyEngine engine = PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", JwtAuthentication.of(JwtMode.STRICT, issuer.provider()), null)))
                .cachedTokens(cached)
                .build()) {
            present(engine, 0, 2 * cached);
            long before = usedAfterCollection();

            present(engine, 2 * cached, TOKENS);

            assertThat(usedAfterCollection() - before)
                    .as("octets more than before")
                    .isLessThan(TOLERANCE);
        }
    }

    private void present(PolicyEngine engine, int from, int to) {
        IntStream.range(from, to).parallel().forEach(i -> {
            String token = issuer.token()
                    .claim("jti", "t" + i)
                    .claim("pad", "x".repeat(600))
                    .compact();
            assertThat(engine.decide(PolicyRequest.builder("GET", "/")
                            .header("Authorization", "Bearer " + token)
                            .build()))
                    .isInstanceOf(Decision.Allow.class);
        });
    }

    private static long usedAfterCollection() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        System.out.println("heap in use after collection: " + used / 1024 + " KiB");
        return used;
    }
}
