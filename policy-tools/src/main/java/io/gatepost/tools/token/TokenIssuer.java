package io.gatepost.tools.token;

import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtProvider;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.OkpJwkGenerator;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;

/**
 * An issuer with a key of its own, made afresh, for tests. Immutable and thread-safe. The private key never leaves it.
 */
public final class TokenIssuer {
    /** What a test issuer can sign with: every algorithm that tokens may be signed with. */
    public static final List<String> ALGORITHMS =
            List.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA");

    private final String issuer;
    private final String algorithm;
    private final PublicJsonWebKey key;
    private final Clock clock;

    private TokenIssuer(String issuer, String algorithm, PublicJsonWebKey key, Clock clock) {
        this.issuer = Objects.requireNonNull(issuer, "issuer");
        this.algorithm = algorithm;
        this.key = key;
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * An issuer with a P-256 key of id {@code key-1}, by the system's clock.
     *
     * @param issuer the {@code iss} of its tokens
     * @return the issuer
     */
    public static TokenIssuer of(String issuer) {
        return of(issuer, "ES256", "key-1", Clock.systemUTC());
    }

    /**
     * An issuer.
     *
     * @param issuer the {@code iss} of its tokens
     * @param algorithm what it signs with, one of {@link #ALGORITHMS}
     * @param keyId the {@code kid} of its key
     * @param clock what its tokens' times count from
     * @return the issuer
     */
    public static TokenIssuer of(String issuer, String algorithm, String keyId, Clock clock) {
        PublicJsonWebKey key = newKey(algorithm);
        key.setKeyId(keyId);
        key.setAlgorithm(algorithm);
        key.setUse("sig");
        return new TokenIssuer(issuer, algorithm, key, clock);
    }

    private static PublicJsonWebKey newKey(String algorithm) {
        try {
            return switch (algorithm) {
                case "RS256", "RS384", "RS512", "PS256", "PS384", "PS512" -> RsaJwkGenerator.generateJwk(2048);
                case "ES256" -> EcJwkGenerator.generateJwk(EllipticCurves.P256);
                case "ES384" -> EcJwkGenerator.generateJwk(EllipticCurves.P384);
                case "ES512" -> EcJwkGenerator.generateJwk(EllipticCurves.P521);
                case "EdDSA" -> OkpJwkGenerator.generateJwk("Ed25519");
                default -> throw new IllegalArgumentException("algorithm: not one that tokens may be signed with");
            };
        } catch (JoseException e) {
            throw new IllegalStateException("no key for " + algorithm, e);
        }
    }

    /**
     * The same issuer with a new key.
     *
     * @param keyId the {@code kid} of the new key
     * @return an issuer with that key only
     */
    public TokenIssuer withNewKey(String keyId) {
        return of(issuer, algorithm, keyId, clock);
    }

    /**
     * The {@code iss} of its tokens.
     *
     * @return the issuer
     */
    public String issuer() {
        return issuer;
    }

    /**
     * What it signs with.
     *
     * @return the {@code alg} of its tokens
     */
    public String algorithm() {
        return algorithm;
    }

    /**
     * The id of its key.
     *
     * @return the {@code kid}
     */
    public String keyId() {
        return key.getKeyId();
    }

    /**
     * Its public key.
     *
     * @return a JWK (RFC 7517 section 4) with {@code kid}, {@code alg} and {@code use}
     */
    public String jwk() {
        return key.toJson(OutputControlLevel.PUBLIC_ONLY);
    }

    /**
     * Its key set.
     *
     * @return a JWK set (RFC 7517 section 5) of its one public key
     */
    public String jwks() {
        return jwks(this);
    }

    /**
     * The key set of several issuers, or of one issuer's several keys.
     *
     * @param issuers whose keys
     * @return a JWK set of their public keys, in that order
     */
    public static String jwks(TokenIssuer... issuers) {
        return Arrays.stream(issuers).map(TokenIssuer::jwk).collect(Collectors.joining(",", "{\"keys\":[", "]}"));
    }

    /**
     * A provider that trusts this issuer, its keys inline.
     *
     * @param audiences accepted audiences; none: {@code aud} is not checked
     * @return the provider, with the defaults otherwise
     */
    public JwtProvider provider(String... audiences) {
        return JwtProvider.of(issuer, new JwksSource.Inline(jwks()), audiences);
    }

    /**
     * Starts a token of this issuer: {@code sub} alice, valid for ten minutes.
     *
     * @return a builder
     */
    public TokenBuilder token() {
        return new TokenBuilder(this, clock.instant());
    }

    PublicJsonWebKey key() {
        return key;
    }

    @Override
    public String toString() {
        return "TestIssuer[issuer=" + issuer + ", algorithm=" + algorithm + "]";
    }
}
