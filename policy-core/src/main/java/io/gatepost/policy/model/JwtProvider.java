package io.gatepost.policy.model;

import io.gatepost.policy.diagnostic.Origin;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One issuer to trust and the keys that it signs with.
 *
 * @param issuer compared exactly with the token's {@code iss} (RFC 7519 section 4.1.1), 1 to 256 characters
 * @param audiences one of them must be in the token's {@code aud} (RFC 7519 section 4.1.3); empty: {@code aud} is not
 *     checked
 * @param jwks where the keys come from
 * @param requiredClaims claims that a token must have; default {@code exp}. A claim that is there is checked even where
 *     it is not required
 * @param clockSkew how far {@code exp} and {@code nbf} may lie in the past and the future; default 60 s
 * @param tokenType what the token's {@code typ} must be, such as {@code at+jwt} (RFC 9068 section 4, RFC 8725 section
 *     3.11), with or without {@code application/} and in any case; null: it is not checked
 * @param origin where it is written
 */
public record JwtProvider(
        String issuer,
        List<String> audiences,
        JwksSource jwks,
        Set<String> requiredClaims,
        Duration clockSkew,
        @Nullable String tokenType,
        Origin origin) {
    /** The clock skew where a document gives none. */
    public static final Duration DEFAULT_CLOCK_SKEW = Duration.ofSeconds(60);

    /** The claims a token must have where a document names none. */
    public static final Set<String> DEFAULT_REQUIRED_CLAIMS = Set.of("exp");

    public JwtProvider {
        if (issuer.isEmpty() || issuer.length() > 256) {
            throw new IllegalArgumentException("issuer: expected 1 to 256 characters, found " + issuer.length());
        }
        audiences = List.copyOf(audiences);
        requiredClaims = Set.copyOf(requiredClaims);
        Objects.requireNonNull(jwks, "jwks");
        Objects.requireNonNull(origin, "origin");
        if (clockSkew.isNegative()) {
            throw new IllegalArgumentException("clockSkew must not be negative");
        }
    }

    /**
     * A provider that takes tokens of any type.
     *
     * @param issuer as above
     * @param audiences as above
     * @param jwks as above
     * @param requiredClaims as above
     * @param clockSkew as above
     * @param origin as above
     */
    public JwtProvider(
            String issuer,
            List<String> audiences,
            JwksSource jwks,
            Set<String> requiredClaims,
            Duration clockSkew,
            Origin origin) {
        this(issuer, audiences, jwks, requiredClaims, clockSkew, null, origin);
    }

    /**
     * The same provider, but for the type of its tokens.
     *
     * @param type what {@code typ} must be, such as {@code at+jwt}
     * @return a new provider
     */
    public JwtProvider withTokenType(String type) {
        return new JwtProvider(issuer, audiences, jwks, requiredClaims, clockSkew, type, origin);
    }

    /**
     * The same provider, but for its keys.
     *
     * @param changed where they come from
     * @return a new provider
     */
    public JwtProvider withJwks(JwksSource changed) {
        return new JwtProvider(issuer, audiences, changed, requiredClaims, clockSkew, tokenType, origin);
    }

    /**
     * A provider made in code, with the defaults.
     *
     * @param issuer the issuer to trust
     * @param jwks where its keys come from
     * @param audiences accepted audiences; none: {@code aud} is not checked
     * @return the provider
     */
    public static JwtProvider of(String issuer, JwksSource jwks, String... audiences) {
        return new JwtProvider(
                issuer, List.of(audiences), jwks, DEFAULT_REQUIRED_CLAIMS, DEFAULT_CLOCK_SKEW, Origin.CODE);
    }
}
