package io.gatepost.policy.keys;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtProvider;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The keys of one provider, at hand at any time: {@link #current} never waits. Thread-safe. */
public sealed interface KeySource permits FixedKeys, SharedKeys {
    /**
     * The keys to verify with now.
     *
     * @return the keys, the same object as long as they are the same; null where none were ever read, or what was read
     *     is too old
     */
    @Nullable
    KeySet current();

    /**
     * The arrival of newer keys, for a token whose key is not known.
     *
     * @param keyId the token's {@code kid}, or null
     * @return the end of a reading, over already where the key came meanwhile; null where no newer keys are to be
     *     expected now
     */
    @Nullable
    CompletableFuture<?> arrival(@Nullable String keyId);

    /** Gives back what is shared with others. The keys last read stay good. */
    void close();

    /**
     * The keys of a provider. Those that are not written in the policy begin to be read.
     *
     * @param provider the provider
     * @param sources what reads keys from outside the policy; null where nothing does
     * @param found takes in why keys can't be used, and warnings
     * @return a source to close at the end; one without keys where they can't be used
     */
    static KeySource of(JwtProvider provider, @Nullable KeySources sources, List<Diagnostic> found) {
        JwksSource source = provider.jwks();
        if (source instanceof JwksSource.Inline inline) {
            return inline(inline, found);
        }
        if (sources == null) {
            found.add(Diagnostic.error(
                    source.origin(),
                    "nothing reads keys from outside the policy; hand KeySources to PolicyEngine.builder().keys(...)"));
            return FixedKeys.NONE;
        }
        String problem = problem(provider);
        if (problem != null) {
            found.add(Diagnostic.error(source.origin(), problem));
            return FixedKeys.NONE;
        }
        return new SharedKeys(sources.acquire(provider), sources);
    }

    private static KeySource inline(JwksSource.Inline inline, List<Diagnostic> found) {
        try {
            KeySet keys = KeySet.parse(inline.text());
            keys.warnings().forEach(warning -> found.add(Diagnostic.warning(inline.origin(), warning)));
            if (keys.keys().isEmpty()) {
                found.add(Diagnostic.error(inline.origin(), withoutKey(keys)));
            }
            return new FixedKeys(keys);
        } catch (InvalidKeySetException e) {
            found.add(Diagnostic.error(inline.origin(), String.valueOf(e.getMessage())));
            return FixedKeys.NONE;
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
