package io.gatepost.samples.gateway.server;

import io.gatepost.policy.keys.KeyState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether requests should be sent here: once it takes them and every key set was read or restored, until the gateway
 * drains. A key server that a later configuration names and that can't be reached closes its own routes, not all
 * others. Thread-safe.
 */
final class Readiness {
    private volatile boolean wasReady;
    private volatile boolean begun;

    /** From now on requests are taken. */
    void begin() {
        begun = true;
    }

    /** Null where the gateway is ready. */
    @Nullable
    String notReadyBecause(boolean draining, List<KeyState> keys) {
        if (draining) {
            return "draining";
        }
        if (!begun) {
            return "warming up";
        }
        List<String> unread = wasReady
                ? List.of()
                : keys.stream()
                        .filter(state -> state.readAt() == null)
                        .map(KeyState::source)
                        .toList();
        wasReady = unread.isEmpty();
        return wasReady ? null : "no keys were read yet of " + String.join(", ", unread);
    }
}
