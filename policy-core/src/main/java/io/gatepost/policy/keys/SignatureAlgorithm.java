package io.gatepost.policy.keys;

import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jose4j.jca.ProviderContext;
import org.jose4j.jws.EcdsaUsingShaAlgorithm;
import org.jose4j.jws.EdDsaAlgorithm;
import org.jose4j.jws.JsonWebSignatureAlgorithm;
import org.jose4j.jws.RsaUsingShaAlgorithm;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * The algorithms that a token may be signed with: asymmetric ones only (RFC 7518 section 3.1, RFC 8037 section 3.1, RFC
 * 9864).
 */
@SuppressWarnings("ImmutableEnumChecker") // jose4j's algorithms have no state, which they do not say.
public enum SignatureAlgorithm {
    RS256(Family.RSA, new RsaUsingShaAlgorithm.RsaSha256()),
    RS384(Family.RSA, new RsaUsingShaAlgorithm.RsaSha384()),
    RS512(Family.RSA, new RsaUsingShaAlgorithm.RsaSha512()),
    PS256(Family.RSA, new RsaUsingShaAlgorithm.RsaPssSha256()),
    PS384(Family.RSA, new RsaUsingShaAlgorithm.RsaPssSha384()),
    PS512(Family.RSA, new RsaUsingShaAlgorithm.RsaPssSha512()),
    ES256(Family.P256, new EcdsaUsingShaAlgorithm.EcdsaP256UsingSha256()),
    ES384(Family.P384, new EcdsaUsingShaAlgorithm.EcdsaP384UsingSha384()),
    ES512(Family.P521, new EcdsaUsingShaAlgorithm.EcdsaP521UsingSha512()),
    EDDSA(Family.ED25519, new EdDsaAlgorithm());

    /** The kind of key that an algorithm needs: a key type, and a curve where there is one. */
    enum Family {
        RSA(0),
        P256(64),
        P384(96),
        P521(132),
        ED25519(64);

        private final int signatureLength;

        Family(int signatureLength) {
            this.signatureLength = signatureLength;
        }
    }

    private static final ProviderContext DEFAULT_PROVIDERS = new ProviderContext();
    /** The name that says the curve (RFC 9864 section 2.2), beside the one that leaves it to the key. */
    private static final String ED25519 = "Ed25519";

    private static final Map<String, SignatureAlgorithm> BY_NAME = Arrays.stream(values())
            .collect(Collectors.toUnmodifiableMap(SignatureAlgorithm::header, Function.identity()));

    private final Family family;
    private final JsonWebSignatureAlgorithm jose;

    SignatureAlgorithm(Family family, JsonWebSignatureAlgorithm jose) {
        this.family = family;
        this.jose = jose;
    }

    /**
     * The algorithm of a header's {@code alg}.
     *
     * @param alg the name, which is case-sensitive
     * @return the algorithm; null for any other name
     */
    public static @Nullable SignatureAlgorithm named(String alg) {
        return ED25519.equals(alg) ? EDDSA : BY_NAME.get(alg);
    }

    /**
     * Its name in headers.
     *
     * @return the value of {@code alg}; {@code EdDSA} where there are two
     */
    public String header() {
        return this == EDDSA ? "EdDSA" : name();
    }

    Family family() {
        return family;
    }

    /**
     * Whether a signature is a key's.
     *
     * @param signature the signature, in the encoding of JWS (RFC 7518 section 3)
     * @param key a key of which {@link VerificationKey#algorithms} has this one
     * @param signingInput what was signed
     * @return false also where the signature is malformed; never throws for what it holds
     */
    public boolean verifies(byte[] signature, PublicKey key, byte[] signingInput) {
        // The length is fixed (RFC 7518 section 3.4, RFC 8017 section 8.2.2): no other encoding gets to a parser.
        if (signature.length != signatureLength(key)) {
            return false;
        }
        try {
            return jose.verifySignature(signature, key, signingInput, DEFAULT_PROVIDERS);
        } catch (JoseException e) {
            return false;
        }
    }

    private int signatureLength(PublicKey key) {
        return key instanceof RSAPublicKey rsa ? (rsa.getModulus().bitLength() + 7) / 8 : family.signatureLength;
    }
}
