package io.gatepost.policy.model;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where the token stands in a request (reference section 1.2). */
public sealed interface TokenLocation {
    /** {@code Authorization: Bearer}, the default (RFC 6750 section 2.1). */
    TokenLocation BEARER = new Header("authorization", "Bearer ");

    /**
     * A header.
     *
     * @param name the header's name, in any case
     * @param prefix what stands before the token, compared without regard to ASCII case; null: the value is the token
     */
    record Header(String name, @Nullable String prefix) implements TokenLocation {
        public Header {
            Objects.requireNonNull(name, "name");
        }
    }

    /**
     * A query parameter (RFC 6750 section 2.3 advises against it).
     *
     * @param name the parameter's name, case-sensitive, decoded
     */
    record QueryParameter(String name) implements TokenLocation {
        public QueryParameter {
            Objects.requireNonNull(name, "name");
        }
    }

    /**
     * A cookie.
     *
     * @param name the cookie's name, case-sensitive
     */
    record Cookie(String name) implements TokenLocation {
        public Cookie {
            Objects.requireNonNull(name, "name");
        }
    }

    /**
     * An expression over the request; nothing is removed from the request.
     *
     * @param expression what yields the token
     */
    record Computed(MatchExpression expression) implements TokenLocation {
        public Computed {
            Objects.requireNonNull(expression, "expression");
        }
    }
}
