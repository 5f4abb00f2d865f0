package io.gatepost.samples.gateway.server;

import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtProvider;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * Keys for one warm-up, and tokens of them. Whoever had them could do nothing with them: only the warm-up's own engines
 * know them, and those forward to nobody. Not thread-safe.
 */
final class WarmUpKeys {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int COORDINATE = 32;

    private final KeyPair pair;
    private final Signature signature;
    private int made;

    WarmUpKeys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        pair = generator.generateKeyPair();
        signature = Signature.getInstance("SHA256withECDSAinP1363Format");
    }

    /** The public key, as a key set. */
    JwksSource.Inline jwks() {
        ECPublicKey key = (ECPublicKey) pair.getPublic();
        return new JwksSource.Inline(JSON.writeValueAsString(Map.of("keys", new Object[] {
            Map.of(
                    "kty",
                    "EC",
                    "crv",
                    "P-256",
                    "kid",
                    "warm-up",
                    "x",
                    coordinate(key.getW().getAffineX()),
                    "y",
                    coordinate(key.getW().getAffineY()))
        })));
    }

    /** With neither a sign nor fewer octets than the curve has. */
    private static String coordinate(BigInteger value) {
        byte[] octets = value.toByteArray();
        byte[] padded = new byte[COORDINATE];
        int count = Math.min(octets.length, COORDINATE);
        System.arraycopy(octets, octets.length - count, padded, COORDINATE - count, count);
        return encoded(padded);
    }

    /** A new token each time that the provider takes, and of which rules may think what they will. */
    String token(JwtProvider provider) throws GeneralSecurityException {
        Map<String, Object> header = new LinkedHashMap<>(Map.of("alg", "ES256", "kid", "warm-up"));
        if (provider.tokenType() != null) {
            header.put("typ", provider.tokenType());
        }
        Map<String, Object> claims = new LinkedHashMap<>();
        provider.requiredClaims().forEach(name -> claims.put(name, "warm-up"));
        claims.put("iss", provider.issuer());
        claims.put("sub", "alice");
        claims.put("jti", "warm-up-" + made++);
        claims.put("exp", Instant.now().getEpochSecond() + 3600);
        if (!provider.audiences().isEmpty()) {
            claims.put("aud", provider.audiences().get(0));
        }
        String signed = json(header) + "." + json(claims);
        signature.initSign(pair.getPrivate());
        signature.update(signed.getBytes(StandardCharsets.US_ASCII));
        return signed + "." + encoded(signature.sign());
    }

    /** The token as another key would have signed it. */
    static String forged(String token) {
        byte[] wrong = new byte[2 * COORDINATE];
        Arrays.fill(wrong, (byte) 1);
        return token.substring(0, token.lastIndexOf('.') + 1) + encoded(wrong);
    }

    private static String json(Map<String, Object> value) {
        return encoded(JSON.writeValueAsBytes(value));
    }

    private static String encoded(byte[] octets) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
    }
}
