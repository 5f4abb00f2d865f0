package io.gatepost.testkit.suite;

import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.testkit.TestIssuer;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A test issuer in the place of each provider, so that tokens are verified in earnest, nobody's private key is needed
 * and no key is fetched. Not thread-safe.
 */
final class TestIssuers {
    private final Map<JwtProvider, Map<String, TestIssuer>> issuers = new LinkedHashMap<>();

    TestIssuers(List<TrafficPolicy> policies) {
        for (TrafficPolicy policy : policies) {
            JwtAuthentication jwt = policy.jwtAuthentication();
            if (jwt != null) {
                jwt.providers().forEach(provider -> of(provider, TokenRecipe.DEFAULT_ALGORITHM));
            }
        }
    }

    /** All providers, in the order of the policies. */
    List<JwtProvider> providers() {
        return List.copyOf(issuers.keySet());
    }

    /** Who signs in the provider's name with an algorithm. */
    TestIssuer of(JwtProvider provider, String algorithm) {
        Map<String, TestIssuer> signers = issuers.computeIfAbsent(provider, absent -> new LinkedHashMap<>());
        String keyId = "test-" + providers().indexOf(provider) + "-" + algorithm;
        return signers.computeIfAbsent(
                algorithm, name -> TestIssuer.of(provider.issuer(), name, keyId, Clock.systemUTC()));
    }

    /** The policy with the keys of the issuers asked for so far in place of its own. */
    TrafficPolicy trusting(TrafficPolicy policy) {
        JwtAuthentication jwt = policy.jwtAuthentication();
        return jwt == null
                ? policy
                : policy.withJwtAuthentication(jwt.withProviders(
                        jwt.providers().stream().map(this::trusting).toList()));
    }

    private JwtProvider trusting(JwtProvider provider) {
        TestIssuer[] signers = issuers.getOrDefault(provider, Map.of()).values().toArray(TestIssuer[]::new);
        JwksSource keys =
                new JwksSource.Inline(TestIssuer.jwks(signers), provider.jwks().origin());
        return provider.withJwks(keys);
    }
}
