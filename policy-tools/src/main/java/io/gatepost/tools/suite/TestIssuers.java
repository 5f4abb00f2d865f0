package io.gatepost.tools.suite;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.token.TokenIssuer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A test issuer in the place of each provider, so that tokens are verified in earnest, nobody's private key is needed
 * and no key is fetched. Providers of one issuer with the same keys share theirs, as routes often do. Not thread-safe.
 */
final class TestIssuers {
    private final List<JwtProvider> providers = new ArrayList<>();
    private final Map<Owner, Map<String, TokenIssuer>> issuers = new LinkedHashMap<>();
    private final SettableClock clock = new SettableClock();

    TestIssuers(List<TrafficPolicy> policies) {
        for (TrafficPolicy policy : policies) {
            JwtAuthentication jwt = policy.jwtAuthentication();
            if (jwt != null) {
                providers.addAll(jwt.providers());
            }
        }
        providers.forEach(provider -> of(provider, TokenRecipe.DEFAULT_ALGORITHM));
    }

    /** Whose keys they are, wherever that is written. */
    private record Owner(String issuer, JwksSource keys) {
        static Owner of(JwtProvider provider) {
            return new Owner(provider.issuer(), unplaced(provider.jwks()));
        }

        private static JwksSource unplaced(JwksSource keys) {
            if (keys instanceof JwksSource.Inline inline) {
                return new JwksSource.Inline(inline.text());
            }
            if (keys instanceof JwksSource.File file) {
                return new JwksSource.File(file.path(), Origin.CODE);
            }
            if (keys instanceof JwksSource.RemoteUrl remote) {
                return new JwksSource.RemoteUrl(remote.url(), remote.cacheDuration(), Origin.CODE);
            }
            if (keys instanceof JwksSource.RemoteBackend backend) {
                return new JwksSource.RemoteBackend(
                        backend.group(),
                        backend.kind(),
                        backend.namespace(),
                        backend.name(),
                        backend.port(),
                        backend.path(),
                        backend.cacheDuration(),
                        Origin.CODE);
            }
            return new JwksSource.Discovery(Origin.CODE);
        }
    }

    /** Sets when tokens are made from now on; null: now. */
    void at(@Nullable Instant instant) {
        clock.set(instant);
    }

    /** When tokens are made. */
    Instant now() {
        return clock.instant();
    }

    /** All providers, in the order of the policies. */
    List<JwtProvider> providers() {
        return List.copyOf(providers);
    }

    /** Who signs in the provider's name with an algorithm. */
    TokenIssuer of(JwtProvider provider, String algorithm) {
        Owner owner = Owner.of(provider);
        Map<String, TokenIssuer> signers = issuers.computeIfAbsent(owner, absent -> new LinkedHashMap<>());
        String keyId = "test-" + List.copyOf(issuers.keySet()).indexOf(owner) + "-" + algorithm;
        return signers.computeIfAbsent(algorithm, name -> TokenIssuer.of(provider.issuer(), name, keyId, clock));
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
        TokenIssuer[] signers =
                issuers.getOrDefault(Owner.of(provider), Map.of()).values().toArray(TokenIssuer[]::new);
        JwksSource keys =
                new JwksSource.Inline(TokenIssuer.jwks(signers), provider.jwks().origin());
        return provider.withJwks(keys);
    }
}
