package io.gatepost.policy.token;

import io.gatepost.policy.DenyReason;
import io.gatepost.policy.model.JwtMode;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Verification that goes on elsewhere: a key is on its way, or another thread verifies this token. Says nothing before
 * its end.
 *
 * @param end the verification when it is finished, never one of these; fails only for a fault of ours
 */
public record Unfinished(CompletableFuture<Verification> end) implements Verification {
    /** @throws IllegalStateException always: whoever does not wait must not go on */
    @Override
    public @Nullable DenyReason refusalIn(JwtMode mode) {
        throw new IllegalStateException("the verification is not finished");
    }

    @Override
    public String detail() {
        return "the token is still being verified";
    }
}
