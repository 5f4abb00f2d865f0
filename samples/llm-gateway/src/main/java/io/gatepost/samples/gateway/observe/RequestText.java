package io.gatepost.samples.gateway.observe;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyRequest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

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
        return shown(request.path());
    }

    /** The model that the client asked for; null where that is not known. */
    static @Nullable String model(Decision decision) {
        String model = decision.explanation().requestModel();
        return model == null ? null : shown(model);
    }

    private static String shown(String text) {
        String looked = text.length() > LENGTH * 64 ? text.substring(0, LENGTH * 64) : text;
        String shown = UNPRINTABLE
                .matcher(SECRET.matcher(looked).replaceAll("<redacted>"))
                .replaceAll("?");
        return shown.length() <= LENGTH ? shown : shown.substring(0, LENGTH) + "...";
    }
}
