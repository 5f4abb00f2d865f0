package io.gatepost.policy.keys;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtProvider;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The keys of one provider, at hand at any time. Thread-safe. */
sealed interface KeySource {
    /** The keys to verify with now; null where none were ever read, or what was read is too old. */
    @Nullable
    KeySet current();

    /**
     * The arrival of newer keys, for a token whose key is not known; null where none are to be expected now.
     *
     * @param keyId the token's {@code kid}, or null
     */
    @Nullable
    CompletableFuture<?> arrival(@Nullable String keyId);

    /** Gives back what is shared with others. */
    void close();

    /** Keys that never change. */
    record Fixed(KeySet current) implements KeySource {
        private static final Fixed NONE = new Fixed(KeySet.NONE);

        @Override
        public @Nullable CompletableFuture<?> arrival(@Nullable String keyId) {
            return null;
        }

        @Override
        public void close() {}
    }

    /** Keys that are read again and again. */
    record Polled(PolledKeys keys, KeySources owner) implements KeySource {
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

    /** The keys of a provider; none, with the reasons added to {@code found}, where they can't be used. */
    static KeySource of(JwtProvider provider, @Nullable KeySources sources, List<Diagnostic> found) {
        JwksSource source = provider.jwks();
        if (source instanceof JwksSource.Inline inline) {
            return inline(inline, found);
        }
        if (sources == null) {
            found.add(Diagnostic.error(
                    source.origin(),
                    "nothing reads keys from outside the policy; hand KeySources to PolicyEngine.builder().keys(...)"));
            return Fixed.NONE;
        }
        String problem = problem(provider);
        if (problem != null) {
            found.add(Diagnostic.error(source.origin(), problem));
            return Fixed.NONE;
        }
        return new Polled(sources.acquire(provider), sources);
    }

    private static KeySource inline(JwksSource.Inline inline, List<Diagnostic> found) {
        try {
            KeySet keys = KeySet.parse(inline.text());
            keys.warnings().forEach(warning -> found.add(Diagnostic.warning(inline.origin(), warning)));
            if (keys.keys().isEmpty()) {
                found.add(Diagnostic.error(inline.origin(), withoutKey(keys)));
            }
            return new Fixed(keys);
        } catch (InvalidKeySetException e) {
            found.add(Diagnostic.error(inline.origin(), String.valueOf(e.getMessage())));
            return Fixed.NONE;
        }
    }

    private static String withoutKey(KeySet keys) {
        String cure = "the key set holds no key that can verify tokens; add a public signing key";
        return keys.warnings().isEmpty() ? cure : cure + ": " + String.join("; ", keys.warnings());
    }

    /** What can be told before the first reading. */
    private static @Nullable String problem(JwtProvider provider) {
        try {
            if (provider.jwks() instanceof JwksSource.File file) {
                new KeyFile(file.path()).read(null);
            } else if (provider.jwks() instanceof JwksSource.Discovery) {
                KeyDiscovery.metadata(provider.issuer());
            }
            return null;
        } catch (IOException | InvalidKeySetException | IllegalArgumentException e) {
            return e.getMessage();
        }
    }
}
