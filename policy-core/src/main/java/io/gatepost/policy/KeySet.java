package io.gatepost.policy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a JWK set (RFC 7517 section 5) that can verify tokens. What can't be used is passed over.
 *
 * @param keys the keys, in the set's order; may be empty
 * @param warnings why keys were passed over; no key material
 */
record KeySet(List<VerificationKey> keys, List<String> warnings) {
    KeySet {
        keys = List.copyOf(keys);
        warnings = List.copyOf(warnings);
    }

    static KeySet parse(String json) throws InvalidKeySetException {
        try {
            return of(StrictJson.DOCUMENT.object(json));
        } catch (StrictJson.MalformedException e) {
            throw new InvalidKeySetException("the key set is not usable JSON: " + e.getMessage());
        }
    }

    static KeySet parse(byte[] json) throws InvalidKeySetException {
        try {
            return of(StrictJson.DOCUMENT.object(json));
        } catch (StrictJson.MalformedException e) {
            throw new InvalidKeySetException("the key set is not usable JSON: " + e.getMessage());
        }
    }

    private static KeySet of(Map<String, @Nullable Object> set) throws InvalidKeySetException {
        if (!(set.get("keys") instanceof List<?> jwks)) {
            throw new InvalidKeySetException("the key set has no list `keys` (RFC 7517 section 5.1)");
        }
        List<VerificationKey> keys = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        for (int i = 0; i < jwks.size(); i++) {
            try {
                VerificationKey key = Jwk.read(jwks.get(i));
                if (key != null) {
                    add(key, keys, warnings);
                }
            } catch (Jwk.UnusableException e) {
                warnings.add("keys[" + i + "] is passed over: " + e.getMessage());
            }
        }
        return new KeySet(keys, warnings);
    }

    /** Of two keys that a token could mean by one {@code kid} the last counts, as in the original. */
    private static void add(VerificationKey key, List<VerificationKey> keys, List<String> warnings) {
        boolean hidden = keys.removeIf(other -> key.id() != null
                && Objects.equals(key.id(), other.id())
                && !Collections.disjoint(key.algorithms(), other.algorithms()));
        if (hidden) {
            warnings.add("kid `" + key.id() + "` occurs twice; the last of the keys is used");
        }
        keys.add(key);
    }
}
