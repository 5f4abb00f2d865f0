package io.gatepost.policy;

import io.gatepost.policy.model.TokenLocation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes a credential out of what travels on (reference section 1.2). What an expression found stays in place. */
final class Credentials {
    private Credentials() {}

    /** What of a header may travel on; empty where the header must be dropped. */
    static List<String> stripHeader(TokenLocation credential, String name, List<String> values) {
        if (credential instanceof TokenLocation.Header header) {
            return header.name().equalsIgnoreCase(name) ? List.of() : values;
        }
        return credential instanceof TokenLocation.Cookie cookie && name.equalsIgnoreCase("cookie")
                ? Cookies.without(values, cookie.name())
                : values;
    }

    /** What of the query may travel on; null where nothing is left. */
    static @Nullable String stripQuery(TokenLocation credential, @Nullable String query) {
        return credential instanceof TokenLocation.QueryParameter parameter
                ? QueryPairs.without(query, parameter.name())
                : query;
    }
}
