package io.gatepost.policy.keys;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Keys that never change. */
record FixedKeys(KeySet current) implements KeySource {
    static final FixedKeys NONE = new FixedKeys(KeySet.NONE);

    @Override
    public @Nullable CompletableFuture<?> arrival(@Nullable String keyId) {
        return null;
    }

    @Override
    public void close() {}
}
