package io.gatepost.policy.keys;

import java.security.PublicKey;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A public key and what it may verify. Immutable.
 *
 * @param id its {@code kid}, or null
 * @param key the key
 * @param algorithms the algorithms that its type, curve and {@code alg} allow; not empty
 */
public record VerificationKey(@Nullable String id, PublicKey key, Set<SignatureAlgorithm> algorithms) {
    public VerificationKey {
        algorithms = Set.copyOf(algorithms);
    }
}
