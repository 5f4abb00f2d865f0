package io.gatepost.policy.token;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.gatepost.policy.DenyReason;
import io.gatepost.policy.keys.SignatureAlgorithm;
import io.gatepost.policy.text.Base64Url;
import io.gatepost.policy.text.StrictJson;
import java.security.PublicKey;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A token in compact form (RFC 7515 section 7.1), taken apart but not verified. Immutable. */
final class Jws {
    private final SignatureAlgorithm algorithm;
    private final @Nullable String keyId;
    private final @Nullable String type;
    private final Map<String, @Nullable Object> claims;
    private final byte[] signingInput;
    private final byte[] signature;

    private Jws(
            SignatureAlgorithm algorithm,
            @Nullable String keyId,
            @Nullable String type,
            Map<String, @Nullable Object> claims,
            byte[] signingInput,
            byte[] signature) {
        this.algorithm = algorithm;
        this.keyId = keyId;
        this.type = type;
        this.claims = claims;
        this.signingInput = signingInput;
        this.signature = signature;
    }

    /** Takes a token apart; every liberty that RFC 7515 does not grant is refused. */
    static Jws parse(String token) throws RejectedTokenException {
        String[] segments = token.split("\\.", -1);
        if (segments.length != 3) {
            throw malformed("the credential is not three segments with dots between");
        }
        Map<String, @Nullable Object> header = json(segments[0], "header");
        SignatureAlgorithm algorithm = algorithm(header);
        refuseExtensions(header);
        return new Jws(
                algorithm,
                text(header, "kid"),
                text(header, "typ"),
                json(segments[1], "payload"),
                token.substring(0, token.lastIndexOf('.')).getBytes(US_ASCII),
                base64Url(segments[2], "signature"));
    }

    /** What the header says it is signed with. */
    SignatureAlgorithm algorithm() {
        return algorithm;
    }

    /** The header's {@code kid}, or null. */
    @Nullable
    String keyId() {
        return keyId;
    }

    /** The header's {@code typ}, or null. */
    @Nullable
    String type() {
        return type;
    }

    /** What it claims. */
    Map<String, @Nullable Object> claims() {
        return claims;
    }

    /** Whether it is signed with that key, which its algorithm fits. */
    boolean isSignedWith(PublicKey key) {
        return algorithm.verifies(signature, key, signingInput);
    }

    private static SignatureAlgorithm algorithm(Map<String, @Nullable Object> header) throws RejectedTokenException {
        if (!(header.get("alg") instanceof String name)) {
            throw malformed("the header has no `alg`, or one that is not a string");
        }
        SignatureAlgorithm algorithm = SignatureAlgorithm.named(name);
        if (algorithm == null) {
            throw new RejectedTokenException(
                    DenyReason.ALGORITHM_NOT_ALLOWED, "the header's `alg` is not an asymmetric signature algorithm");
        }
        return algorithm;
    }

    /**
     * An extension changes what the rest means; none is understood here (RFC 7515 4.1.11, RFC 7797 7, RFC 7516 4.1.3).
     */
    private static void refuseExtensions(Map<String, @Nullable Object> header) throws RejectedTokenException {
        for (String extension : new String[] {"crit", "b64", "zip"}) {
            if (header.containsKey(extension)) {
                throw malformed("the header has `" + extension + "`, which is not supported");
            }
        }
    }

    private static @Nullable String text(Map<String, @Nullable Object> header, String name)
            throws RejectedTokenException {
        if (!header.containsKey(name)) {
            return null;
        }
        if (header.get(name) instanceof String text) {
            return text;
        }
        throw malformed("the header's `" + name + "` is not a string");
    }

    private static Map<String, @Nullable Object> json(String segment, String what) throws RejectedTokenException {
        try {
            return StrictJson.TOKEN.object(base64Url(segment, what));
        } catch (StrictJson.MalformedException e) {
            throw malformed("the " + what + ": " + e.getMessage());
        }
    }

    private static byte[] base64Url(String segment, String what) throws RejectedTokenException {
        byte[] decoded = Base64Url.decode(segment);
        if (decoded == null) {
            throw malformed("the " + what + " is not base64url without padding");
        }
        return decoded;
    }

    private static RejectedTokenException malformed(String message) {
        return new RejectedTokenException(DenyReason.TOKEN_MALFORMED, message);
    }

    @Override
    public String toString() {
        return "Jws[algorithm=" + algorithm + "]";
    }
}
