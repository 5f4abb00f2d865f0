package io.gatepost.policy.text;

import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Base64url without padding (RFC 7515 section 2): one text for each value, nothing else. */
public final class Base64Url {
    private Base64Url() {}

    /**
     * Decodes a text.
     *
     * @param text the text
     * @return the octets; null for a text that is not their one encoding, as with padding, line breaks or stray bits
     */
    public static byte @Nullable [] decode(String text) {
        // The JDK takes padding and leftover bits; only the canonical text survives the way back.
        if (text.indexOf('=') >= 0) {
            return null;
        }
        try {
            byte[] octets = Base64.getUrlDecoder().decode(text);
            return isCanonical(text, octets) ? octets : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Full groups have one text. What is left over may have several, which differ in bits that mean nothing. */
    private static boolean isCanonical(String text, byte[] octets) {
        int left = octets.length % 3;
        String end = encode(Arrays.copyOfRange(octets, octets.length - left, octets.length));
        return text.endsWith(end);
    }

    private static String encode(byte[] octets) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
    }
}
