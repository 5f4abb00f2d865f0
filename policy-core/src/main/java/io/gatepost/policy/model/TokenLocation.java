package io.gatepost.policy.model;

import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Where the token stands in a request ({@code docs/authentication.md#fields}). */
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

        @Override
        public <R> R fold(
                Function<? super Header, ? extends R> header,
                Function<? super QueryParameter, ? extends R> parameter,
                Function<? super Cookie, ? extends R> cookie,
                Function<? super Computed, ? extends R> computed) {
            return header.apply(this);
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

        @Override
        public <R> R fold(
                Function<? super Header, ? extends R> header,
                Function<? super QueryParameter, ? extends R> parameter,
                Function<? super Cookie, ? extends R> cookie,
                Function<? super Computed, ? extends R> computed) {
            return parameter.apply(this);
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

        @Override
        public <R> R fold(
                Function<? super Header, ? extends R> header,
                Function<? super QueryParameter, ? extends R> parameter,
                Function<? super Cookie, ? extends R> cookie,
                Function<? super Computed, ? extends R> computed) {
            return cookie.apply(this);
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

        @Override
        public <R> R fold(
                Function<? super Header, ? extends R> header,
                Function<? super QueryParameter, ? extends R> parameter,
                Function<? super Cookie, ? extends R> cookie,
                Function<? super Computed, ? extends R> computed) {
            return computed.apply(this);
        }
    }

    /**
     * What is done for each kind of place, so that the compiler tells where one is forgotten.
     *
     * @param header for a header
     * @param parameter for a query parameter
     * @param cookie for a cookie
     * @param computed for an expression
     * @param <R> what comes of it
     * @return what the function of this kind returns
     */
    <R> R fold(
            Function<? super Header, ? extends R> header,
            Function<? super QueryParameter, ? extends R> parameter,
            Function<? super Cookie, ? extends R> cookie,
            Function<? super Computed, ? extends R> computed);
}
