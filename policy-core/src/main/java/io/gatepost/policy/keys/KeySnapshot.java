package io.gatepost.policy.keys;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a source at one moment. Immutable.
 *
 * @param keys the last good keys; null: none were read yet
 * @param validator what to hand in at the next reading, such as an ETag
 * @param readAt when the keys were read or confirmed
 * @param error why the last attempt failed; null where it did not
 * @param nextTry when the next attempt is due; null: one is under way
 */
record KeySnapshot(
        @Nullable KeySet keys,
        @Nullable String validator,
        @Nullable Instant readAt,
        @Nullable String error,
        @Nullable Instant nextTry) {
    static final KeySnapshot NOTHING = new KeySnapshot(null, null, null, null, null);

    /** Keys that another process read. */
    static KeySnapshot of(KeptKeys.Kept kept) {
        return new KeySnapshot(kept.keys(), null, kept.readAt(), null, null);
    }

    KeySnapshot underWay() {
        return new KeySnapshot(keys, validator, readAt, error, null);
    }

    KeySnapshot failed(String why, @Nullable Instant due) {
        return new KeySnapshot(keys, validator, readAt, why, due);
    }

    boolean isOlderThan(Duration age, Instant now) {
        return readAt != null && now.isAfter(readAt.plus(age));
    }

    KeyState state(String source) {
        return new KeyState(source, keys == null ? 0 : keys.keys().size(), readAt, error, nextTry);
    }
}
