package io.gatepost.policy.token;

import io.gatepost.policy.DenyReason;
import io.gatepost.policy.model.JwtMode;
import org.jspecify.annotations.Nullable;

/** The request bears no credential at the policy's location. */
record NoToken(String detail) implements Verification {
    static final NoToken FOUND = new NoToken("the request bears no token");

    @Override
    public @Nullable DenyReason refusalIn(JwtMode mode) {
        return mode == JwtMode.STRICT ? DenyReason.TOKEN_MISSING : null;
    }
}
