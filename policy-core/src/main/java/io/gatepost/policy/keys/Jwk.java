package io.gatepost.policy.keys;

import io.gatepost.policy.keys.SignatureAlgorithm.Family;
import io.gatepost.policy.text.Base64Url;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.spec.ECParameterSpec;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jose4j.keys.EcKeyUtil;
import org.jose4j.keys.EdDsaKeyUtil;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.keys.RsaKeyUtil;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/** Makes a key of a JWK (RFC 7517 section 4), and only of one that can safely verify signatures. */
final class Jwk {
    private static final Set<String> PRIVATE_MEMBERS = Set.of("d", "p", "q", "dp", "dq", "qi", "oth");

    private static final int MIN_RSA_BITS = 2048;

    /** These bound what one signature can cost: with a long modulus the exponent must be a usual one. */
    private static final int MAX_RSA_BITS = 8192;

    private static final int LONG_RSA_BITS = 4096;
    private static final int MAX_EXPONENT_BITS = 33;
    private static final int MAX_EXPONENT_BITS_OF_LONG = 17;

    private Jwk() {}

    /** A key that can't verify tokens, and why. */
    static class UnusableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnusableException(String message) {
            super(message, null, false, false);
        }
    }

    /** One that is good but meant for something else, as many are that stand beside the one for signatures. */
    static final class OtherPurposeException extends UnusableException {
        private static final long serialVersionUID = 1L;

        OtherPurposeException(String message) {
            super(message);
        }
    }

    static VerificationKey read(@Nullable Object jwk) throws UnusableException, InvalidKeySetException {
        if (!(jwk instanceof Map<?, ?> members)) {
            throw new UnusableException("expected an object");
        }
        Object kty = members.get("kty");
        if (!"oct".equals(kty) && members.keySet().stream().anyMatch(PRIVATE_MEMBERS::contains)) {
            throw new InvalidKeySetException(
                    "the key set holds private key material; publish public keys only and replace this key");
        }
        demandForSignatures(members);
        Family family = family(members);
        return new VerificationKey(keyId(members), publicKey(members, family), algorithms(members, family));
    }

    private static Family family(Map<?, ?> jwk) throws UnusableException {
        return switch (text(jwk, "kty")) {
            case "RSA" -> Family.RSA;
            case "EC" -> curve(jwk);
            case "OKP" -> edwardsCurve(jwk);
            case "oct" -> throw new UnusableException("it is symmetric; tokens must be signed with an asymmetric key");
            default -> throw new UnusableException("`kty` must be `RSA`, `EC` or `OKP`");
        };
    }

    private static PublicKey publicKey(Map<?, ?> jwk, Family family) throws UnusableException {
        return switch (family) {
            case RSA -> rsa(jwk);
            case P256 -> ec(jwk, EllipticCurves.P256);
            case P384 -> ec(jwk, EllipticCurves.P384);
            case P521 -> ec(jwk, EllipticCurves.P521);
            case ED25519 -> ed25519(jwk);
        };
    }

    private static void demandForSignatures(Map<?, ?> jwk) throws OtherPurposeException {
        if (jwk.containsKey("use") && !"sig".equals(jwk.get("use"))) {
            throw new OtherPurposeException("its `use` is not `sig` (RFC 7517 section 4.2)");
        }
        boolean verifies = jwk.get("key_ops") instanceof List<?> list && list.contains("verify");
        if (jwk.containsKey("key_ops") && !verifies) {
            throw new OtherPurposeException("its `key_ops` does not list `verify` (RFC 7517 section 4.3)");
        }
    }

    private static @Nullable String keyId(Map<?, ?> jwk) throws UnusableException {
        return jwk.containsKey("kid") ? text(jwk, "kid") : null;
    }

    private static Set<SignatureAlgorithm> algorithms(Map<?, ?> jwk, Family family) throws UnusableException {
        Set<SignatureAlgorithm> possible = Arrays.stream(SignatureAlgorithm.values())
                .filter(algorithm -> algorithm.family() == family)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(SignatureAlgorithm.class)));
        if (!jwk.containsKey("alg")) {
            return possible;
        }
        SignatureAlgorithm only = SignatureAlgorithm.named(text(jwk, "alg"));
        if (only == null || !possible.contains(only)) {
            throw new UnusableException("`alg` is not a signature algorithm of its type and curve");
        }
        return EnumSet.of(only);
    }

    private static PublicKey rsa(Map<?, ?> jwk) throws UnusableException {
        BigInteger modulus = new BigInteger(1, octets(jwk, "n"));
        BigInteger exponent = new BigInteger(1, octets(jwk, "e"));
        int bits = modulus.bitLength();
        if (bits < MIN_RSA_BITS) {
            throw new UnusableException("RSA keys need " + MIN_RSA_BITS + " bits or more, this one has " + bits);
        }
        if (bits > MAX_RSA_BITS) {
            throw new UnusableException("RSA keys may have " + MAX_RSA_BITS + " bits or less, this one has " + bits);
        }
        int longest = bits > LONG_RSA_BITS ? MAX_EXPONENT_BITS_OF_LONG : MAX_EXPONENT_BITS;
        if (exponent.bitLength() < 2 || exponent.bitLength() > longest || !exponent.testBit(0)) {
            throw new UnusableException("its RSA exponent is out of range: it must be odd, at least 3 and at most "
                    + longest + " bits long (RFC 8017 section 3.1)");
        }
        String weakness = RsaModulus.weakness(modulus);
        if (weakness != null) {
            throw new UnusableException("its RSA modulus can be factored: " + weakness);
        }
        try {
            return new RsaKeyUtil().publicKey(modulus, exponent);
        } catch (JoseException e) {
            throw new UnusableException("its RSA modulus or exponent is out of range");
        }
    }

    private static Family curve(Map<?, ?> jwk) throws UnusableException {
        return switch (text(jwk, "crv")) {
            case "P-256" -> Family.P256;
            case "P-384" -> Family.P384;
            case "P-521" -> Family.P521;
            default -> throw new UnusableException("`crv` must be `P-256`, `P-384` or `P-521`");
        };
    }

    private static Family edwardsCurve(Map<?, ?> jwk) throws UnusableException {
        if ("Ed25519".equals(jwk.get("crv"))) {
            return Family.ED25519;
        }
        throw new UnusableException("`crv` must be `Ed25519`");
    }

    private static PublicKey ec(Map<?, ?> jwk, ECParameterSpec curve) throws UnusableException {
        int length = (curve.getCurve().getField().getFieldSize() + 7) / 8;
        byte[] x = octets(jwk, "x");
        byte[] y = octets(jwk, "y");
        if (x.length != length || y.length != length) {
            throw new UnusableException("`x` and `y` must be " + length + " octets each (RFC 7518 section 6.2.1)");
        }
        if (!WeakKeys.isOnCurve(new BigInteger(1, x), new BigInteger(1, y), curve)) {
            throw new UnusableException("`x` and `y` are no point of its curve");
        }
        try {
            return new EcKeyUtil().publicKey(new BigInteger(1, x), new BigInteger(1, y), curve);
        } catch (JoseException e) {
            throw new UnusableException("`x` and `y` are no point of its curve");
        }
    }

    private static PublicKey ed25519(Map<?, ?> jwk) throws UnusableException {
        byte[] x = octets(jwk, "x");
        if (x.length != 32 || WeakKeys.isWeakEd25519(x)) {
            throw new UnusableException("`x` is no point of Ed25519 that can be a key");
        }
        try {
            return new EdDsaKeyUtil().publicKey(x, EdDsaKeyUtil.ED25519);
        } catch (JoseException e) {
            throw new UnusableException("`x` is no point of Ed25519 that can be a key");
        }
    }

    private static byte[] octets(Map<?, ?> jwk, String name) throws UnusableException {
        byte[] octets = Base64Url.decode(text(jwk, name));
        if (octets == null || octets.length == 0) {
            throw new UnusableException("`" + name + "` is not base64url without padding");
        }
        return octets;
    }

    private static String text(Map<?, ?> jwk, String name) throws UnusableException {
        if (jwk.get(name) instanceof String text) {
            return text;
        }
        throw new UnusableException("`" + name + "` is missing or not a string");
    }
}
