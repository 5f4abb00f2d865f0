package io.gatepost.policy.keys;

import java.security.PublicKey;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A public key and what it may verify.
 *
 * @param id its {@code kid}, or null
 * @param key the key
 * @param algorithms the algorithms that its type, curve and {@code alg} allow; not empty
 */
record VerificationKey(@Nullable String id, PublicKey key, Set<SignatureAlgorithm> algorithms) {
    VerificationKey {
        algorithms = Set.copyOf(algorithms);
    }
}
