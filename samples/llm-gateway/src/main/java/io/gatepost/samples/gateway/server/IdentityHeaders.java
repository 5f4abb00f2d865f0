package io.gatepost.samples.gateway.server;

import io.gatepost.policy.VerifiedToken;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a proxy may tell an upstream of a verified token: {@code X-Auth-Subject}, {@code X-Auth-Issuer} and, for each
 * claim that was asked for, {@code X-Auth-Claim-NAME}. Text, numbers and booleans as they are, lists and objects as
 * JSON; what is not printable ASCII is left out, since no two servers read it alike.
 *
 * @param claims the names of claims
 */
record IdentityHeaders(List<String> claims) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9-]{1,64}");
    private static final Pattern VALUE = Pattern.compile("[!-~](?:[ -~]*[!-~])?");

    /** @throws IllegalArgumentException where a claim can't be part of a header's name */
    IdentityHeaders {
        claims = List.copyOf(claims);
        for (String claim : claims) {
            if (!NAME.matcher(claim).matches()) {
                throw new IllegalArgumentException(
                        "`" + claim + "`: expected letters, digits and hyphens, which a header's name may have");
            }
        }
    }

    Map<String, String> of(@Nullable VerifiedToken token) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (token != null) {
            put(headers, "X-Auth-Subject", token.subject());
            put(headers, "X-Auth-Issuer", token.issuer());
            claims.forEach(claim ->
                    put(headers, "X-Auth-Claim-" + claim, token.claims().get(claim)));
        }
        return headers;
    }

    private static void put(Map<String, String> headers, String name, @Nullable Object claim) {
        if (claim == null) {
            return;
        }
        boolean nested = claim instanceof List || claim instanceof Map;
        String value = nested ? JsonMapper.shared().writeValueAsString(claim) : claim.toString();
        if (VALUE.matcher(value).matches()) {
            headers.put(name, value);
        }
    }
}
