package io.gatepost.samples.gateway.playground;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TrafficPolicy;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;

/** Keys that stand in files or on servers: the page must make this process read neither. */
final class UnreadKeys {
    /** A key whose private half is thrown away: no token is ever signed by it. */
    private static final JwksSource NOBODYS = nobodys();

    private UnreadKeys() {}

    /** The policy with keys in itself only. */
    static TrafficPolicy sealed(TrafficPolicy policy, List<Diagnostic> found) {
        JwtAuthentication jwt = policy.jwtAuthentication();
        if (jwt == null) {
            return policy;
        }
        List<JwtProvider> providers =
                jwt.providers().stream().map(one -> sealed(one, found)).toList();
        return policy.withJwtAuthentication(jwt.withProviders(providers));
    }

    /** The policy with no keys in files. */
    static TrafficPolicy withoutFiles(TrafficPolicy policy) {
        JwtAuthentication jwt = policy.jwtAuthentication();
        return jwt == null
                ? policy
                : policy.withJwtAuthentication(jwt.withProviders(jwt.providers().stream()
                        .map(provider ->
                                provider.jwks() instanceof JwksSource.File ? provider.withJwks(NOBODYS) : provider)
                        .toList()));
    }

    private static JwtProvider sealed(JwtProvider provider, List<Diagnostic> found) {
        if (provider.jwks() instanceof JwksSource.Inline) {
            return provider;
        }
        found.add(Diagnostic.warning(
                provider.jwks().origin(),
                "the playground reads no file and asks no server for keys, so no token of `" + provider.issuer()
                        + "` can be verified; give claims instead, or `inline` keys"));
        return provider.withJwks(NOBODYS);
    }

    private static JwksSource nobodys() {
        try {
            KeyPairGenerator keys = KeyPairGenerator.getInstance("EC");
            keys.initialize(256);
            PublicJsonWebKey key =
                    PublicJsonWebKey.Factory.newPublicJwk(keys.generateKeyPair().getPublic());
            key.setKeyId("not-read-by-the-playground");
            return new JwksSource.Inline(new JsonWebKeySet(key).toJson());
        } catch (NoSuchAlgorithmException | JoseException e) {
            throw new IllegalStateException("P-256 is part of every JDK", e);
        }
    }
}
