package io.gatepost.policy.token;

import io.gatepost.policy.DenyReason;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.model.JwtMode;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What verification found. Whether that is a refusal depends on the mode (reference section 1.1). Immutable. */
public sealed interface Verification {
    /**
     * What it means in a mode.
     *
     * @param mode the policy's mode
     * @return the reason to refuse the request, or null where it goes on
     */
    @Nullable
    DenyReason refusalIn(JwtMode mode);

    /**
     * What was found.
     *
     * @return one sentence for the explanation; no token text and no claim value
     */
    String detail();

    /**
     * Whose token it is about.
     *
     * @return the issuer of the provider; null where none was concerned
     */
    default @Nullable String provider() {
        return null;
    }

    /**
     * The token, where there is a good one.
     *
     * @return the token, or null
     */
    default @Nullable VerifiedToken token() {
        return null;
    }

    /**
     * What rules came to for that token before.
     *
     * @return what is known; null where there is no token
     */
    default @Nullable TokenOutcomes outcomes() {
        return null;
    }

    /** The request bears no credential at the policy's location. */
    record NoToken(String detail) implements Verification {
        @Override
        public @Nullable DenyReason refusalIn(JwtMode mode) {
            return mode == JwtMode.STRICT ? DenyReason.TOKEN_MISSING : null;
        }
    }

    /** The credential is no good. */
    record Rejected(
            DenyReason reason, String detail, @Nullable String provider) implements Verification {
        @Override
        public @Nullable DenyReason refusalIn(JwtMode mode) {
            boolean tolerated = mode == JwtMode.PERMISSIVE && reason != DenyReason.CREDENTIAL_AMBIGUOUS;
            return tolerated ? null : reason;
        }
    }

    /** No key that is known can have signed it, but newer keys are on their way. */
    record KeyAwaited(Rejected otherwise, CompletableFuture<Void> arrival) implements Verification {
        @Override
        public @Nullable DenyReason refusalIn(JwtMode mode) {
            return otherwise.refusalIn(mode);
        }

        @Override
        public String detail() {
            return otherwise.detail();
        }

        @Override
        public @Nullable String provider() {
            return otherwise.provider();
        }
    }

    /** The credential is a good token. */
    record Verified(VerifiedToken token, String detail, Grounds grounds, TokenOutcomes outcomes)
            implements Verification {
        @Override
        public String provider() {
            return token.issuer();
        }

        @Override
        public @Nullable DenyReason refusalIn(JwtMode mode) {
            return null;
        }
    }
}
