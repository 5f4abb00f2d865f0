package io.gatepost.policy.token;

import io.gatepost.policy.DenyReason;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.model.JwtMode;
import org.jspecify.annotations.Nullable;

/**
 * What verification found. Whether that is a refusal depends on the mode
 * ({@code docs/semantics.md#a-token-and-the-mode}). Immutable.
 */
public sealed interface Verification permits NoToken, RejectedToken, AwaitedKey, Unfinished, GoodToken {
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
}
