package io.gatepost.policy.request;

import io.gatepost.policy.model.TokenLocation;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A credential that was verified. It does not travel on (reference section 1.2), unless an upstream is meant to get it.
 * Its text does not appear in {@link #toString}.
 *
 * @param location where it stood; what an expression found stays in place
 * @param text the token itself
 */
public record Credential(TokenLocation location, String text) {
    public Credential {
        Objects.requireNonNull(location, "location");
        Objects.requireNonNull(text, "text");
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
