package io.gatepost.policy.token;

import io.gatepost.policy.DenyReason;
import io.gatepost.policy.model.JwtMode;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** No key that is known can have signed it, but newer keys are on their way. */
record AwaitedKey(RejectedToken otherwise, CompletableFuture<Void> arrival) implements Verification {
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
