package io.gatepost.tools.suite;

import io.gatepost.policy.model.JwtProvider;
import io.gatepost.tools.token.TokenBuilder;
import io.gatepost.tools.token.TokenIssuer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a token is made: good in all that its provider asks, but for what is said here.
 *
 * @param fault what is wrong with it; null: nothing
 * @param algorithm what it is signed with
 * @param claims claims beyond those that the provider asks for, or instead of them
 * @param header header parameters, likewise
 * @param without claims that are left out
 * @param expiresIn how far {@code exp} lies from when the request comes; null: ten minutes
 * @param notBefore how far {@code nbf} lies from then; null: there is none
 */
record TokenRecipe(
        @Nullable Fault fault,
        String algorithm,
        Map<String, @Nullable Object> claims,
        Map<String, @Nullable Object> header,
        Set<String> without,
        @Nullable Duration expiresIn,
        @Nullable Duration notBefore) {
    static final String DEFAULT_ALGORITHM = "ES256";

    private static final Duration BEYOND_SKEW = Duration.ofMinutes(5);

    /** What can be wrong with a token. */
    enum Fault {
        /** {@code exp} lies in the past. */
        EXPIRED,
        /** {@code nbf} lies in the future. */
        NOT_YET_VALID,
        /** {@code aud} is another one. */
        WRONG_AUDIENCE,
        /** {@code iss} is another one. */
        WRONG_ISSUER,
        /** Signed with another key than its {@code kid} says. */
        WRONG_KEY,
        /** Signed with a key that the issuer does not publish. */
        UNKNOWN_KEY,
        /** {@code typ} is another one. */
        WRONG_TYPE,
        /** {@code alg} is {@code none} and there is no signature. */
        UNSIGNED,
        /** Some word that is no token. */
        MALFORMED
    }

    static TokenRecipe of(@Nullable Fault fault) {
        return new TokenRecipe(fault, DEFAULT_ALGORITHM, Map.of(), Map.of(), Set.of(), null, null);
    }

    /** The token, signed by who stands in for the provider. */
    String make(JwtProvider provider, TestIssuers issuers) {
        if (fault == Fault.MALFORMED) {
            return "not-a-token";
        }
        TokenIssuer issuer = issuers.of(provider, algorithm);
        TokenBuilder token = good(provider, issuer, issuers.now());
        spoil(token, provider.clockSkew().plus(BEYOND_SKEW), issuer);
        if (expiresIn != null) {
            token.expiresIn(expiresIn);
        }
        if (notBefore != null) {
            token.notBefore(notBefore);
        }
        claims.forEach(token::claim);
        header.forEach(token::header);
        without.forEach(token::withoutClaim);
        String compact = token.compact();
        return fault == Fault.UNSIGNED ? compact.substring(0, compact.lastIndexOf('.') + 1) : compact;
    }

    private static TokenBuilder good(JwtProvider provider, TokenIssuer issuer, Instant now) {
        TokenBuilder token = issuer.token().withoutClaim("sub");
        provider.requiredClaims().forEach(claim -> require(claim, token, now));
        if (!provider.audiences().isEmpty()) {
            token.claim("aud", provider.audiences().get(0));
        }
        return provider.tokenType() == null ? token : token.header("typ", provider.tokenType());
    }

    private static void require(String claim, TokenBuilder token, Instant now) {
        switch (claim) {
            case "exp", "iss" -> {}
            case "nbf" -> token.notBefore(Duration.ofMinutes(-10));
            case "iat" -> token.claim("iat", now.getEpochSecond());
            default -> token.claim(claim, "test");
        }
    }

    private void spoil(TokenBuilder token, Duration beyondSkew, TokenIssuer issuer) {
        if (fault == null) {
            return;
        }
        switch (fault) {
            case EXPIRED -> token.expiresIn(beyondSkew.negated());
            case NOT_YET_VALID -> token.notBefore(beyondSkew);
            case WRONG_AUDIENCE -> token.claim("aud", "another-audience");
            case WRONG_ISSUER -> token.claim("iss", "https://another-issuer.test");
            case WRONG_KEY -> token.signedBy(issuer.withNewKey(issuer.keyId()));
            case UNKNOWN_KEY -> token.header("kid", "unknown").signedBy(issuer.withNewKey("unknown"));
            case WRONG_TYPE -> token.header("typ", "another+jwt");
            case UNSIGNED -> token.header("alg", "none");
            case MALFORMED -> {}
        }
    }
}
