package io.gatepost.policy;

import io.gatepost.policy.model.TokenLocation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes a credential out of what travels on (reference section 1.2). */
final class Credentials {
    private Credentials() {}

    /** What of a header may travel on; empty where the header must be dropped. */
    static List<String> stripHeader(TokenLocation credential, String name, List<String> values) {
        return credential instanceof TokenLocation.Header header
                        && header.name().equalsIgnoreCase(name)
                ? List.of()
                : values;
    }

    /** What of the query may travel on; null where nothing is left. */
    static @Nullable String stripQuery(TokenLocation credential, @Nullable String query) {
        return query;
    }
}
