package io.gatepost.policy.keys;

import io.gatepost.policy.text.StrictJson;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a JWK set (RFC 7517 section 5) that can verify tokens. What can't be used is passed over. A look-up costs
 * the same whatever the set's size. Immutable.
 */
public final class KeySet {
    static final KeySet NONE = new KeySet(List.of(), List.of());
    static final int MAX_KEYS = 2000;

    /** More keys under one {@code kid} than this would let a made-up token cost that many verifications. */
    private static final int MAX_OF_ONE_ID = 4;

    private final List<VerificationKey> keys;
    private final List<String> warnings;
    private final Map<String, List<VerificationKey>> byId = new HashMap<>();
    private final Map<SignatureAlgorithm, List<VerificationKey>> byAlgorithm = new HashMap<>();

    private KeySet(List<VerificationKey> keys, List<String> warnings) {
        this.keys = List.copyOf(keys);
        this.warnings = List.copyOf(warnings);
        for (VerificationKey key : keys) {
            if (key.id() != null) {
                listOf(byId, key.id()).add(key);
            }
            key.algorithms().forEach(algorithm -> addDistinct(key, listOf(byAlgorithm, algorithm)));
        }
    }

    private static <K> List<VerificationKey> listOf(Map<K, List<VerificationKey>> map, K name) {
        return map.computeIfAbsent(name, unused -> new ArrayList<>());
    }

    /** Two tell that there is not only one. */
    private static void addDistinct(VerificationKey key, List<VerificationKey> fitting) {
        if (fitting.size() < 2 && fitting.stream().noneMatch(other -> key.key().equals(other.key()))) {
            fitting.add(key);
        }
    }

    /**
     * Reads a JWK set.
     *
     * @param json the set as JSON
     * @return the keys that can verify tokens; maybe none
     * @throws InvalidKeySetException where it is no JWK set, or holds more than 2,000 keys
     */
    public static KeySet parse(String json) throws InvalidKeySetException {
        try {
            return of(StrictJson.DOCUMENT.object(json.startsWith("\uFEFF") ? json.substring(1) : json));
        } catch (StrictJson.MalformedException e) {
            throw new InvalidKeySetException("the key set is not usable JSON: " + e.getMessage());
        }
    }

    static KeySet parse(byte[] json) throws InvalidKeySetException {
        try {
            return of(StrictJson.DOCUMENT.object(withoutMark(json)));
        } catch (StrictJson.MalformedException e) {
            throw new InvalidKeySetException("the key set is not usable JSON: " + e.getMessage());
        }
    }

    /** Without the byte order mark that some editors and servers put before a text (RFC 8259 section 8.1). */
    static byte[] withoutMark(byte[] utf8) {
        boolean marked = utf8.length >= 3 && utf8[0] == (byte) 0xef && utf8[1] == (byte) 0xbb && utf8[2] == (byte) 0xbf;
        return marked ? Arrays.copyOfRange(utf8, 3, utf8.length) : utf8;
    }

    private static KeySet of(Map<String, @Nullable Object> set) throws InvalidKeySetException {
        if (!(set.get("keys") instanceof List<?> jwks)) {
            throw new InvalidKeySetException("the key set has no list `keys` (RFC 7517 section 5.1)");
        }
        Draft draft = new Draft();
        for (int i = 0; i < jwks.size(); i++) {
            draft.read(i, jwks.get(i));
        }
        return draft.set();
    }

    /**
     * The keys that can verify tokens.
     *
     * @return the keys, in the set's order; may be empty
     */
    public List<VerificationKey> keys() {
        return keys;
    }

    /**
     * Why keys were passed over.
     *
     * @return a sentence for each; no key material
     */
    public List<String> warnings() {
        return warnings;
    }

    /**
     * The keys of a {@code kid}.
     *
     * @param id the {@code kid}
     * @return the keys, in the set's order, at most a few for any one algorithm; empty where there is none
     */
    public List<VerificationKey> named(String id) {
        return byId.getOrDefault(id, List.of());
    }

    /**
     * The keys that an algorithm fits, as far as it matters whether there is exactly one.
     *
     * @param algorithm the algorithm
     * @return the key; the first two where there are several; empty where there is none
     */
    public List<VerificationKey> fitting(SignatureAlgorithm algorithm) {
        return byAlgorithm.getOrDefault(algorithm, List.of());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof KeySet set && keys.equals(set.keys) && warnings.equals(set.warnings);
    }

    @Override
    public int hashCode() {
        return Objects.hash(keys, warnings);
    }

    /** A set while it is read. */
    private static final class Draft {
        private final List<VerificationKey> keys = new ArrayList<>();
        private final Map<String, List<VerificationKey>> byId = new HashMap<>();
        private final List<String> warnings = new ArrayList<>();
        private final List<String> forOtherPurposes = new ArrayList<>();

        void read(int index, @Nullable Object jwk) throws InvalidKeySetException {
            try {
                add(index, Jwk.read(jwk));
            } catch (Jwk.OtherPurposeException e) {
                forOtherPurposes.add(passedOver(index, e.getMessage()));
            } catch (Jwk.UnusableException e) {
                warnings.add(passedOver(index, e.getMessage()));
            }
        }

        private void add(int index, VerificationKey key) throws InvalidKeySetException {
            if (key.id() != null) {
                List<VerificationKey> namesakes = listOf(byId, key.id());
                long rivals = namesakes.stream()
                        .filter(other -> !Collections.disjoint(key.algorithms(), other.algorithms()))
                        .count();
                if (namesakes.contains(key)) {
                    warnings.add(passedOver(index, "it occurs twice"));
                    return;
                }
                if (rivals == MAX_OF_ONE_ID) {
                    warnings.add(
                            passedOver(index, "more than " + MAX_OF_ONE_ID + " keys have the kid `" + key.id() + "`"));
                    return;
                }
                if (rivals == 1) {
                    warnings.add("kid `" + key.id() + "` is that of several keys; each is tried: give each its own");
                }
                namesakes.add(key);
            }
            if (keys.size() == MAX_KEYS) {
                throw new InvalidKeySetException("the key set holds more than " + MAX_KEYS
                        + " keys that can verify tokens; publish those in use only");
            }
            keys.add(key);
        }

        private static String passedOver(int index, @Nullable String why) {
            return "keys[" + index + "] is passed over: " + why;
        }

        /** Keys for other purposes are worth a word where they are all that there is. */
        KeySet set() {
            if (keys.isEmpty()) {
                warnings.addAll(forOtherPurposes);
            }
            return new KeySet(keys, warnings);
        }
    }
}
