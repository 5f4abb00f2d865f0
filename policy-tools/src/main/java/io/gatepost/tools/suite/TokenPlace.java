package io.gatepost.tools.suite;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.document.Findings;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.model.TrafficPolicy;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Puts a token where the policies look for it. */
final class TokenPlace {
    private final TokenLocation location;

    private TokenPlace(TokenLocation location) {
        this.location = location;
    }

    /** Where the last policy that authenticates looks: of several it is the one that counts. */
    static TokenPlace of(List<TrafficPolicy> policies) {
        TokenLocation location = TokenLocation.BEARER;
        for (TrafficPolicy policy : policies) {
            JwtAuthentication jwt = policy.jwtAuthentication();
            location = jwt == null ? location : jwt.location();
        }
        return new TokenPlace(location);
    }

    void put(String token, ObjectNode request, Origin origin, Findings findings) {
        if (location instanceof TokenLocation.Header header) {
            header(header.name(), (header.prefix() == null ? "" : header.prefix()) + token, request);
        } else if (location instanceof TokenLocation.Cookie cookie) {
            header("cookie", cookie.name() + "=" + token, request);
        } else if (location instanceof TokenLocation.QueryParameter parameter) {
            String uri = request.path("uri").asString("");
            String query = URLEncoder.encode(parameter.name(), StandardCharsets.UTF_8) + "=" + token;
            request.put("uri", uri + (uri.contains("?") ? "&" : "?") + query);
        } else {
            findings.error(
                    origin,
                    "the policy computes where the token stands, so a test can't put it there; give `claims` instead");
        }
    }

    private static void header(String name, String value, ObjectNode request) {
        request.withArray("headers").addArray().add(name).add(value);
    }
}
