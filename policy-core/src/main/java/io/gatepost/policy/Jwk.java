package io.gatepost.policy;

import io.gatepost.policy.SignatureAlgorithm.Family;
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

    private Jwk() {}

    /** A key that can't verify tokens, and why. */
    static final class UnusableException extends Exception {
        UnusableException(String message) {
            super(message, null, false, false);
        }
    }

    /** The key; null for one that is good but meant for something else. */
    static @Nullable VerificationKey read(@Nullable Object jwk) throws UnusableException, InvalidKeySetException {
        if (!(jwk instanceof Map<?, ?> members)) {
            throw new UnusableException("expected an object");
        }
        Object kty = members.get("kty");
        if (!"oct".equals(kty) && members.keySet().stream().anyMatch(PRIVATE_MEMBERS::contains)) {
            throw new InvalidKeySetException(
                    "the key set holds private key material; publish public keys only and replace this key");
        }
        if (!isForSignatures(members)) {
            return null;
        }
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

    private static boolean isForSignatures(Map<?, ?> jwk) {
        boolean use = !jwk.containsKey("use") || "sig".equals(jwk.get("use"));
        boolean operations =
                jwk.get("key_ops") instanceof List<?> list ? list.contains("verify") : !jwk.containsKey("key_ops");
        return use && operations;
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
        if (modulus.bitLength() < 2048) {
            throw new UnusableException("RSA keys need 2048 bits or more, this one has " + modulus.bitLength());
        }
        if (exponent.bitLength() < 2 || exponent.bitLength() > 64 || !exponent.testBit(0) || !modulus.testBit(0)) {
            throw new UnusableException("its RSA modulus or exponent is out of range (RFC 8017 section 3.1)");
        }
        if (WeakKeys.isRoca(modulus)) {
            throw new UnusableException("its RSA modulus can be factored (CVE-2017-15361)");
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
