package io.gatepost.policy.token;

import io.gatepost.policy.request.Credential;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** The SHA-256 of a token's text, by which it is known without being kept. */
record TokenDigest(long first, long second, long third, long fourth) {
    private static final ThreadLocal<Maker> MAKER = ThreadLocal.withInitial(Maker::new);

    static TokenDigest of(Credential token) {
        return MAKER.get().make(token);
    }

    /** Any part of a digest is as good as a hash of it. */
    @Override
    public int hashCode() {
        return (int) first;
    }

    /** Makes digests without a copy of the token on the heap. For one thread. */
    private static final class Maker {
        private static final int PART = 1024;
        private static final int LENGTH = 32;

        private final MessageDigest sha256 = sha256();
        private final CharsetEncoder encoder = StandardCharsets.ISO_8859_1.newEncoder();
        private final CharBuffer chars = CharBuffer.allocate(PART);
        private final ByteBuffer octets = ByteBuffer.allocate(PART);
        private final ByteBuffer made = ByteBuffer.allocate(LENGTH);

        TokenDigest make(Credential token) {
            sha256.reset();
            int end = token.length();
            for (int from = 0; from < end; from += PART) {
                if (!add(token, from, Math.min(end, from + PART))) {
                    // No token has such a character, or the octet 0: this is the digest of none.
                    sha256.update((byte) 0);
                    sha256.update(token.text().getBytes(StandardCharsets.UTF_8));
                    break;
                }
            }
            // The text stays no longer than its digest takes.
            int longest = Math.min(PART, end);
            Arrays.fill(chars.array(), 0, longest, '\0');
            Arrays.fill(octets.array(), 0, longest, (byte) 0);
            return made();
        }

        /** Adds characters that are octets; false, and nothing is added, where one is none. */
        private boolean add(Credential token, int from, int to) {
            token.copy(from, to, chars.array());
            chars.clear().limit(to - from);
            boolean latin = encoder.reset().encode(chars, octets.clear(), true).isUnderflow();
            if (latin) {
                sha256.update(octets.array(), 0, to - from);
            }
            return latin;
        }

        private TokenDigest made() {
            try {
                sha256.digest(made.array(), 0, LENGTH);
            } catch (DigestException e) {
                throw new IllegalStateException("SHA-256 has 32 octets", e);
            }
            return new TokenDigest(made.getLong(0), made.getLong(8), made.getLong(16), made.getLong(24));
        }

        private static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has SHA-256", e);
            }
        }
    }
}
