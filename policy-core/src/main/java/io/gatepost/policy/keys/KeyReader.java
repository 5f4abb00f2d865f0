package io.gatepost.policy.keys;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads a key set from where it is kept. Blocks; called on threads of its own. */
interface KeyReader {
    /**
     * What was read.
     *
     * @param keys the key set; null: unchanged since the validator was given
     * @param validator what to hand in next time, such as an ETag; or null
     */
    record Reading(@Nullable KeySet keys, @Nullable String validator) {}

    /** Whether the next reading would go elsewhere than the last one. */
    default boolean hasMoved() {
        return false;
    }

    /** Reads now; the message of an exception is fit for logs. */
    Reading read(@Nullable String validator) throws IOException, InvalidKeySetException;
}
