package io.gatepost.policy;

import io.gatepost.policy.expression.EvaluationContext;
import io.gatepost.policy.request.Credential;
import io.gatepost.policy.request.JudgedRequest;
import io.gatepost.policy.request.RequestSyntax;
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
     * Whose request it is.
     *
     * @return the verified token, also where a rule refused its request; null where none was verified
     */
    @Nullable
    VerifiedToken token();

    /**
     * The request may pass, without the credential.
     *
     * @param token the verified token; null where none was demanded or given
     * @param credentials the verified credentials, which must not travel on
     * @param explanation why
     * @param context what the request's expressions have spent; those of a later phase go on with it. Null where
     *     nothing was evaluated
     */
    record Allow(
            @Nullable VerifiedToken token,
            List<Credential> credentials,
            Explanation explanation,
            @Nullable EvaluationContext context)
            implements Decision {
        public Allow {
            credentials = List.copyOf(credentials);
            Objects.requireNonNull(explanation, "explanation");
        }

        /**
         * What may pass though no expression was evaluated for it.
         *
         * @param token the verified token, or null
         * @param credentials the verified credentials
         * @param explanation why
         */
        public Allow(@Nullable VerifiedToken token, List<Credential> credentials, Explanation explanation) {
            this(token, credentials, explanation, null);
        }

        /**
         * What stands for an earlier phase where claims are given in place of a token, as tools do.
         *
         * @param token the claims, as if they were verified
         * @return an allow without a credential to strip
         */
        public static Allow ofGiven(VerifiedToken token) {
            return new Allow(token, List.of(), new Explanation("the claims were given", List.of()));
        }

        /**
         * What of the request may travel on.
         *
         * @param request the request that was allowed
         * @return a view of it in its one reading ({@link RequestSyntax#normalized}), without the verified credentials
         */
        public PolicyRequest toForward(PolicyRequest request) {
            return Credential.without(JudgedRequest.of(request), credentials);
        }
    }

    /**
     * The request is refused.
     *
     * @param reason why, in a form that programs can switch on
     * @param challenge the {@code WWW-Authenticate} value (RFC 6750 section 3); null where none belongs to the status
     * @param token the verified token where a rule refused its request; null otherwise
     * @param explanation why, in full
     */
    record Deny(
            DenyReason reason,
            @Nullable String challenge,
            @Nullable VerifiedToken token,
            Explanation explanation) implements Decision {
        public Deny {
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(explanation, "explanation");
        }

        /**
         * A refusal before any token was verified.
         *
         * @param reason why
         * @param challenge the {@code WWW-Authenticate} value, or null
         * @param explanation why, in full
         */
        public Deny(DenyReason reason, @Nullable String challenge, Explanation explanation) {
            this(reason, challenge, null, explanation);
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

        /**
         * What the client of a request gets: as {@link #response()}, but for gRPC in gRPC's form.
         *
         * @param request the request that was refused
         * @return the response
         */
        public ErrorResponse response(PolicyRequest request) {
            return response().inAnswerTo(request);
        }
    }
}
