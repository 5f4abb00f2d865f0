package io.gatepost.policy.token;

import io.gatepost.policy.DenyReason;
import io.gatepost.policy.model.JwtMode;
import org.jspecify.annotations.Nullable;

/** The credential is no good. */
record RejectedToken(
        DenyReason reason, String detail, @Nullable String provider) implements Verification {
    @Override
    public @Nullable DenyReason refusalIn(JwtMode mode) {
        boolean tolerated = mode == JwtMode.PERMISSIVE && reason != DenyReason.CREDENTIAL_AMBIGUOUS;
        return tolerated ? null : reason;
    }
}
