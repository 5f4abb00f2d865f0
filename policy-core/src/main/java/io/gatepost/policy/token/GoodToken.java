package io.gatepost.policy.token;

import io.gatepost.policy.DenyReason;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.model.JwtMode;
import org.jspecify.annotations.Nullable;

/** The credential is a good token. */
record GoodToken(VerifiedToken token, String detail, Grounds grounds, TokenOutcomes outcomes) implements Verification {
    @Override
    public String provider() {
        return token.issuer();
    }

    @Override
    public @Nullable DenyReason refusalIn(JwtMode mode) {
        return null;
    }
}
