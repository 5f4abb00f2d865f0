package io.gatepost.samples.gateway.observe;

import io.gatepost.policy.PolicyRequest;
import java.util.regex.Pattern;

/** What of a request may be written down: bounded, in one line, without anything that could be a token. */
final class RequestText {
    private static final int LENGTH = 256;
    /** Parts as a JWS has, or one that is as long as keys are; the look-behind keeps the search linear. */
    private static final Pattern SECRET =
            Pattern.compile("(?<![\\w-])[\\w-]{10,}+\\.[\\w-]{20,}+[\\w.-]*+|(?<![\\w-])[\\w-]{64,}+");

    private static final Pattern UNPRINTABLE = Pattern.compile("[^\\x21-\\x7e]");

    private RequestText() {}

    /** The name that the gateway gave it. */
    static String id(PolicyRequest request) {
        return String.join(",", request.headers("x-request-id"));
    }

    static String method(PolicyRequest request) {
        return Methods.name(Methods.indexOf(request.method()));
    }

    /** The path without the query. */
    static String path(PolicyRequest request) {
        String path = request.path();
        String looked = path.length() > LENGTH * 64 ? path.substring(0, LENGTH * 64) : path;
        String shown = UNPRINTABLE
                .matcher(SECRET.matcher(looked).replaceAll("<redacted>"))
                .replaceAll("?");
        return shown.length() <= LENGTH ? shown : shown.substring(0, LENGTH) + "...";
    }
}
