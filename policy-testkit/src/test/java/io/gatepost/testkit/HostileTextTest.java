package io.gatepost.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.token.TokenBuilder;
import io.gatepost.tools.token.TokenIssuer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * Whatever a token, a key set or a policy holds, it is judged or refused in the ways that are foreseen. In a build the
 * seeds run; {@code -Pfuzz} looks for more.
 */
class HostileTextTest {
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://issuer.test");
    private static final PolicyEngine ENGINE = engine(ISSUER.provider());

    /** What nobody signed is never allowed; with a comma in it, it may look like two credentials. */
    @FuzzTest(maxDuration = "10m")
    void anUnsignedTokenIsRefused(byte[] token) {
        assertThat(decide(new String(token, StandardCharsets.UTF_8)))
                .isInstanceOfSatisfying(Decision.Deny.class, deny -> {
                    assertThat(deny.reason().status()).isIn(400, 401);
                    assertThat(deny.explanation().rules()).isEmpty();
                });
    }

    /** What the issuer signed is allowed only where it says what a token must. A first line is the header. */
    @FuzzTest(maxDuration = "10m")
    void aSignedTokenIsJudgedByWhatItSays(byte[] text) {
        String[] lines = new String(text, StandardCharsets.UTF_8).split("\n", 2);
        TokenBuilder token = ISSUER.token().claimsText(lines[lines.length - 1]);
        String compact = (lines.length == 1 ? token : token.headerText(lines[0])).compact();
        Decision decision = decide(compact);

        if (decision instanceof Decision.Allow allow) {
            assertThat(Objects.requireNonNull(allow.token()).claims()).containsKeys("iss", "exp");
        }
        assertThat(decide(compact).explanation().summary())
                .isEqualTo(decision.explanation().summary());
    }

    @FuzzTest(maxDuration = "10m")
    void aKeySetIsUsedOrRefused(byte[] jwks) {
        JwksSource.Inline inline = new JwksSource.Inline(new String(jwks, StandardCharsets.UTF_8));
        try (PolicyEngine engine = engine(JwtProvider.of(ISSUER.issuer(), inline))) {
            assertThat(engine.decide(request(ISSUER.token().compact()))).isInstanceOf(Decision.Deny.class);
        } catch (InvalidPolicyException refused) {
            assertThat(refused.diagnostics()).isNotEmpty();
        }
    }

    @FuzzTest(maxDuration = "10m")
    void aPolicyIsUsedOrRefused(byte[] text) {
        try {
            List<TrafficPolicy> policies = PolicyReader.parse("policy.yaml", new String(text, StandardCharsets.UTF_8));
            PolicyEngine.builder()
                    .policies(policies)
                    .allowingEverything()
                    .expressions(new CelExpressionCompiler())
                    .build()
                    .decide(request(ISSUER.token().compact()));
        } catch (InvalidPolicyException refused) {
            assertThat(refused.diagnostics()).isNotEmpty();
        }
    }

    private static PolicyEngine engine(JwtProvider provider) {
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", JwtAuthentication.of(JwtMode.STRICT, provider), null)))
                .build();
    }

    private static PolicyRequest request(String token) {
        return PolicyRequest.builder("GET", "/")
                .header("Authorization", "Bearer " + token)
                .build();
    }

    private static Decision decide(String token) {
        return ENGINE.decide(request(token));
    }
}
