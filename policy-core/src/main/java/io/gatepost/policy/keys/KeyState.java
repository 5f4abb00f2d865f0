package io.gatepost.policy.keys;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a source of keys fares, for health pages and metrics.
 *
 * @param source the file, URL, backend or issuer that the keys come from
 * @param keys how many usable keys are known
 * @param readAt when keys were last read or confirmed; null: never
 * @param lastError why the last attempt failed, no key material; null: it succeeded, or none has ended yet
 * @param nextTry when the next attempt is due; null: one is under way
 */
public record KeyState(
        String source,
        int keys,
        @Nullable Instant readAt,
        @Nullable String lastError,
        @Nullable Instant nextTry) {
    public KeyState {
        Objects.requireNonNull(source, "source");
    }
}
