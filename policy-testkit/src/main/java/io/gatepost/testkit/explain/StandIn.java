package io.gatepost.testkit.explain;

import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.testkit.TestIssuer;
import io.gatepost.testkit.TestToken;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A key that stands in for those of all issuers, so that a token that nobody issued yet can be decided on by every
 * check that the policy makes. Neither the key nor such a token leaves this package. Not instantiable.
 */
final class StandIn {
    private static final JsonMapper JSON = JsonMapper.shared();

    private static final TestIssuer ISSUER =
            TestIssuer.of("https://stand-in.invalid", "EdDSA", "stand-in", Clock.systemUTC());

    private StandIn() {}

    /** The same demands, but for the keys. */
    static JwtAuthentication trusting(JwtAuthentication jwt) {
        JwksSource keys = new JwksSource.Inline(ISSUER.jwks());
        return jwt.withProviders(jwt.providers().stream()
                .map(provider -> provider.withJwks(keys))
                .toList());
    }

    /** The request with a token of these claims, wherever the policies look for one; null where that can't be told. */
    static @Nullable ChangedRequest bearing(ChangedRequest request, Map<String, @Nullable Object> claims, Guard guard) {
        ChangedRequest bearing = request;
        for (JwtAuthentication jwt : guard.authentications()) {
            TestToken token = ISSUER.token().claimsText(JSON.writeValueAsString(claims));
            jwt.providers().stream()
                    .filter(provider ->
                            provider.tokenType() != null && provider.issuer().equals(claims.get("iss")))
                    .findFirst()
                    .ifPresent(provider -> token.header("typ", provider.tokenType()));
            bearing = bearing == null ? null : bearing(bearing, token.compact(), jwt.location());
        }
        return bearing;
    }

    private static @Nullable ChangedRequest bearing(ChangedRequest request, String token, TokenLocation location) {
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
