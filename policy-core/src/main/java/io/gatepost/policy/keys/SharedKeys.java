package io.gatepost.policy.keys;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Keys that are read again and again, for all engines that name the same place. */
record SharedKeys(PolledKeys keys, KeySources owner) implements KeySource {
    @Override
    public @Nullable KeySet current() {
        return keys.current();
    }

    @Override
    public @Nullable CompletableFuture<?> arrival(@Nullable String keyId) {
        return keys.arrival(keyId);
    }

    @Override
    public void close() {
        owner.release(keys);
    }
}
