package io.gatepost.policy;

import io.gatepost.policy.model.TokenLocation;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the engine says of a request. Immutable. */
public sealed interface Decision {
    /**
     * Why.
     *
     * @return the explanation, for logs and tools, never for a response
     */
    Explanation explanation();

    /**
     * The request may pass, without the credential.
     *
     * @param token the verified token; null where none was demanded or given
     * @param credentials where credentials stood that must not travel on
     * @param explanation why
     */
    record Allow(@Nullable VerifiedToken token, List<TokenLocation> credentials, Explanation explanation)
            implements Decision {
        public Allow {
            credentials = List.copyOf(credentials);
            Objects.requireNonNull(explanation, "explanation");
        }

        /**
         * What of a header may travel on.
         *
         * @param name the header's name, in any case
         * @param values its values
         * @return the values without any credential; empty where the header must be dropped
         */
        public List<String> headerToForward(String name, List<String> values) {
            List<String> left = values;
            for (TokenLocation credential : credentials) {
                left = Credentials.stripHeader(credential, name, left);
            }
            return left;
        }

        /**
         * What of the query may travel on.
         *
         * @param query the query, not decoded, or null
         * @return the query without any credential; null where nothing is left
         */
        public @Nullable String queryToForward(@Nullable String query) {
            String left = query;
            for (TokenLocation credential : credentials) {
                left = Credentials.stripQuery(credential, left);
            }
            return left;
        }
    }

    /**
     * The request is refused.
     *
     * @param reason why, in a form that programs can switch on
     * @param challenge the {@code WWW-Authenticate} value (RFC 6750 section 3); null where none belongs to the status
     * @param explanation why, in full
     */
    record Deny(DenyReason reason, @Nullable String challenge, Explanation explanation) implements Decision {
        public Deny {
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(explanation, "explanation");
        }

        /**
         * What the client gets: status, challenge and a body in OpenAI's error shape. Nothing of the request or the
         * token is in it.
         *
         * @return the response
         */
        public ErrorResponse response() {
            return ErrorResponse.of(this);
        }
    }
}
