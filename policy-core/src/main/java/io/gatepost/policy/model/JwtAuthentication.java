package io.gatepost.policy.model;

import io.gatepost.policy.diagnostic.Origin;
import java.util.List;
import java.util.Objects;

/**
 * Who may call: the issuers to trust, and where the token stands.
 *
 * @param mode what a request without a valid token may do
 * @param providers the issuers to trust, 1 to 64; several may share one issuer
 * @param location where the token stands in the request
 * @param origin where it is written
 */
public record JwtAuthentication(JwtMode mode, List<JwtProvider> providers, TokenLocation location, Origin origin) {
    public JwtAuthentication {
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(location, "location");
        Objects.requireNonNull(origin, "origin");
        providers = List.copyOf(providers);
        if (providers.isEmpty() || providers.size() > 64) {
            throw new IllegalArgumentException("providers: expected 1 to 64, found " + providers.size());
        }
    }

    /**
     * The same authentication, but for whom it trusts.
     *
     * @param changed the issuers to trust
     * @return a new authentication
     */
    public JwtAuthentication withProviders(List<JwtProvider> changed) {
        return new JwtAuthentication(mode, changed, location, origin);
    }

    /**
     * Authentication made in code, with the token as {@code Authorization: Bearer}.
     *
     * @param mode what a request without a valid token may do
     * @param providers the issuers to trust
     * @return the authentication
     */
    public static JwtAuthentication of(JwtMode mode, JwtProvider... providers) {
        return new JwtAuthentication(mode, List.of(providers), TokenLocation.BEARER, Origin.CODE);
    }
}
