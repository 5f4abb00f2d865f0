package io.gatepost.policy.request;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.model.TokenLocation;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A credential that was verified, and how one is found in a request. It does not travel on (reference section 1.2),
 * unless an upstream is meant to get it. Its text does not appear in {@link #toString}.
 *
 * @param location where it stood; what an expression found stays in place
 * @param text the token itself
 */
public record Credential(TokenLocation location, String text) {
    public Credential {
        Objects.requireNonNull(location, "location");
        Objects.requireNonNull(text, "text");
    }

    /**
     * Finds what a request offers as its credential, all of it, so that duplicates stay visible. Does not judge.
     *
     * @param request the request
     * @param location where to look; nothing is found for one that an expression computes
     * @return each credential without the location's prefix; {@code ""} for a prefix with nothing behind it
     */
    public static List<String> offered(PolicyRequest request, TokenLocation location) {
        if (location instanceof TokenLocation.Header header) {
            return inHeader(request.headers(header.name()), header.prefix() == null ? "" : header.prefix());
        }
        if (location instanceof TokenLocation.QueryParameter parameter) {
            return QueryPairs.values(request.query(), parameter.name());
        }
        return location instanceof TokenLocation.Cookie cookie
                ? Cookies.values(request.headers("cookie"), cookie.name())
                : List.of();
    }

    /** Of several values each is a credential, of whatever scheme: which one counts would be a guess. */
    private static List<String> inHeader(List<String> values, String prefix) {
        if (values.size() != 1) {
            return values;
        }
        String value = values.get(0);
        if (value.indexOf(',') >= 0) {
            // A comma joins what came as two headers (RFC 9110 section 5.3); no token has one.
            List<String> joined = Arrays.asList(value.split(",", -1));
            if (joined.stream()
                    .skip(1)
                    .map(String::strip)
                    .anyMatch(part -> !part.isEmpty() && startsWith(part, prefix))) {
                return joined;
            }
        }
        if (startsWith(value, prefix)) {
            return List.of(value.substring(prefix.length()));
        }
        // A scheme without a token is a malformed credential, not none; servers cut the blank that ends the prefix.
        return value.strip().equalsIgnoreCase(prefix.strip()) ? List.of("") : List.of();
    }

    private static boolean startsWith(String value, String prefix) {
        return value.regionMatches(true, 0, prefix, 0, prefix.length());
    }

    /**
     * What is left of a request.
     *
     * @param request the request as it was judged
     * @param verified the credentials that were verified
     * @return a view of the request without them
     */
    public static PolicyRequest without(PolicyRequest request, List<Credential> verified) {
        return StrippedRequest.of(request, verified);
    }

    /** What of a header may travel on; empty where the header must be dropped. */
    List<String> stripHeader(String name, List<String> values) {
        if (location instanceof TokenLocation.Header header) {
            return header.name().equalsIgnoreCase(name) ? List.of() : values;
        }
        return location instanceof TokenLocation.Cookie cookie && name.equalsIgnoreCase("cookie")
                ? Cookies.without(values, cookie.name())
                : values;
    }

    /** What of the query may travel on; null where nothing is left. */
    @Nullable
    String stripQuery(@Nullable String query) {
        return location instanceof TokenLocation.QueryParameter parameter
                ? QueryPairs.without(query, parameter.name())
                : query;
    }

    @Override
    public String toString() {
        return "Credential[location=" + location + "]";
    }
}
