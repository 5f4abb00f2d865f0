package io.gatepost.tools.explain;

import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.tools.token.TokenBuilder;
import io.gatepost.tools.token.TokenIssuer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Keys that stand in for those of all issuers, so that a token that nobody issued yet can be decided on by every check
 * that the policy makes. Neither a key nor such a token leaves this package. Not instantiable.
 */
final class StandIn {
    private static final JsonMapper JSON = JsonMapper.shared();

    private static final Map<Signer, TokenIssuer> ISSUERS =
            Stream.of(Signer.values()).collect(Collectors.toUnmodifiableMap(signer -> signer, StandIn::issuer));

    private StandIn() {}

    private static TokenIssuer issuer(Signer signer) {
        return TokenIssuer.of("https://stand-in.invalid", "EdDSA", "stand-in-" + signer, Clock.systemUTC());
    }

    /** The same demands, but for the keys: for each provider those of these signers. */
    static JwtAuthentication trusting(JwtAuthentication jwt, Function<JwtProvider, Set<Signer>> signers) {
        return jwt.withProviders(jwt.providers().stream()
                .map(provider -> provider.withJwks(new JwksSource.Inline(TokenIssuer.jwks(
                        signers.apply(provider).stream().map(ISSUERS::get).toArray(TokenIssuer[]::new)))))
                .toList());
    }

    static String token(Map<String, @Nullable Object> claims, @Nullable String type, Signer signer) {
        TokenBuilder token =
                Objects.requireNonNull(ISSUERS.get(signer)).token().claimsText(JSON.writeValueAsString(claims));
        return type == null ? token.compact() : token.header("typ", type).compact();
    }

    /** The request with a token of these claims, wherever the policies look for one; null where that can't be told. */
    static @Nullable ChangedRequest bearing(
            ChangedRequest request, Map<String, @Nullable Object> claims, RoutePolicies policies) {
        ChangedRequest bearing = request;
        for (JwtAuthentication jwt : ChangedPolicies.authentications(policies)) {
            String type = jwt.providers().stream()
                    .filter(provider ->
                            provider.tokenType() != null && provider.issuer().equals(claims.get("iss")))
                    .map(JwtProvider::tokenType)
                    .findFirst()
                    .orElse(null);
            bearing = bearing == null ? null : bearing(bearing, token(claims, type, Signer.BOTH), jwt.location());
        }
        return bearing;
    }

    static @Nullable ChangedRequest bearing(ChangedRequest request, String token, TokenLocation location) {
        if (location instanceof TokenLocation.Header header) {
            String prefix = header.prefix() == null ? "" : header.prefix();
            return request.withHeader(header.name(), List.of(prefix + token));
        }
        if (location instanceof TokenLocation.QueryParameter parameter) {
            String query = with(request.query(), "&", parameter.name(), token);
            return request.withTarget(request.path(), query);
        }
        if (location instanceof TokenLocation.Cookie cookie) {
            String cookies = String.join("; ", request.headers("cookie"));
            return request.withHeader("cookie", List.of(with(cookies, "; ", cookie.name(), token)));
        }
        return null;
    }

    private static String with(@Nullable String pairs, String separator, String name, String value) {
        List<String> kept = new ArrayList<>();
        for (String pair : pairs == null || pairs.isEmpty() ? new String[0] : pairs.split(separator.strip(), -1)) {
            if (!pair.strip().startsWith(name + "=")) {
                kept.add(pair.strip());
            }
        }
        kept.add(name + "=" + value);
        return String.join(separator, kept);
    }
}
