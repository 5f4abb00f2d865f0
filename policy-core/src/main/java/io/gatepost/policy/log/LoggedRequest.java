package io.gatepost.policy.log;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.PolicyRequest;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * What of a request may be written down: its id, and texts of bounded length in one line, without anything that could
 * be a token or a key.
 */
public final class LoggedRequest {
    /** The header that has a request's id, for whoever searches a log for what a client met. */
    public static final String ID_HEADER = "x-request-id";

    /** How many characters of a text are shown. */
    public static final int LENGTH = 256;

    private static final int LONGEST_ID = 48;
    private static final String IN_IDS = "_.:/=+-";
    private static final Pattern UNPRINTABLE = Pattern.compile("[^\\x21-\\x7e]");
    /** Parts as a JWS has, or one that is as long as keys are; the look-behind keeps the search linear. */
    private static final Pattern SECRET =
            Pattern.compile("(?<![\\w-])[\\w-]{10,}+\\.[\\w-]{20,}+[\\w.-]*+|(?<![\\w-])[\\w-]{64,}+");

    private static final int LONGEST_LOOKED_AT = 64 * LENGTH;

    private LoggedRequest() {}

    /**
     * A request's id.
     *
     * @param request the request
     * @return what its {@code x-request-id} says where that is one word of at most 48 characters that ids are made of;
     *     otherwise a new id
     */
    public static String id(PolicyRequest request) {
        List<String> told = request.headers(ID_HEADER);
        return told.size() == 1 && isId(told.get(0)) ? told.get(0) : newId();
    }

    private static boolean isId(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (!letter && (c < '0' || c > '9') && IN_IDS.indexOf(c) < 0) {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= LONGEST_ID;
    }

    /**
     * An id that no other request has: a random UUID (RFC 9562 section 5.4). A name, no secret: it may be cheap.
     *
     * @return a new id
     */
    public static String newId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long high = (random.nextLong() & 0xffff_ffff_ffff_0fffL) | 0x4000L;
        long low = (random.nextLong() >>> 2) | Long.MIN_VALUE;
        return new UUID(high, low).toString();
    }

    /**
     * An answer that tells the client under which id it is found in the log.
     *
     * @param answer the answer
     * @param id the request's id
     * @return the same answer with {@code x-request-id}
     */
    public static ErrorResponse named(ErrorResponse answer, String id) {
        return answer.withHeader(ID_HEADER, id);
    }

    /**
     * A text of a request as it may be shown.
     *
     * @param text such as a path, or a model's name; no query and no body
     * @return at most {@value #LENGTH} characters of it, printable ones only, without what could be a token or a key
     */
    public static String shown(String text) {
        return shown(text, LENGTH);
    }

    static String shown(String text, int length) {
        String looked = text.length() > LONGEST_LOOKED_AT ? text.substring(0, LONGEST_LOOKED_AT) : text;
        String shown = UNPRINTABLE
                .matcher(SECRET.matcher(looked).replaceAll("<redacted>"))
                .replaceAll("?");
        return shown.length() <= length ? shown : shown.substring(0, length) + "...";
    }
}
