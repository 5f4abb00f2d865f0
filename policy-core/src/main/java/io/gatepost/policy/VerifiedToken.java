package io.gatepost.policy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A token whose signature and claims were verified. Immutable. Neither the token's text nor its claims appear in
 * {@link #toString}.
 *
 * @param issuer the issuer that vouches for it
 * @param keyId the key it was verified with; null for a key without a {@code kid}
 * @param claims all claims: strings, {@code Long} or {@code BigInteger}, {@code Double}, booleans, null, lists and
 *     maps; unmodifiable
 */
public record VerifiedToken(String issuer, @Nullable String keyId, Map<String, @Nullable Object> claims) {
    public VerifiedToken {
        Objects.requireNonNull(issuer, "issuer");
        claims = Collections.unmodifiableMap(new LinkedHashMap<>(claims));
    }

    /**
     * The subject (RFC 7519 section 4.1.2).
     *
     * @return {@code sub}, or null where the token has none
     */
    public @Nullable String subject() {
        return claims.get("sub") instanceof String subject ? subject : null;
    }

    @Override
    public String toString() {
        return "VerifiedToken[issuer=" + issuer + "]";
    }
}
