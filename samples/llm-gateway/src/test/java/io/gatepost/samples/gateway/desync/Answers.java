package io.gatepost.samples.gateway.desync;

import io.gatepost.samples.gateway.desync.Sent.Fate;
import org.jspecify.annotations.Nullable;

/** Holds what a client got against what it had asked. */
final class Answers {
    private Answers() {}

    /**
     * What is wrong with an answer; null where nothing is.
     *
     * @param status 0 where none came
     * @param id the value of {@code x-id}; empty where there is none
     * @param whole whether it came to its end
     */
    static @Nullable String problem(Sent sent, int status, String id, String body, boolean whole) {
        if (!id.isEmpty() && !id.equals(sent.id())) {
            return "the answer to " + id;
        }
        if (body.contains("evil")) {
            return "an answer that nobody asked for";
        }
        if (sent.fate() == Fate.DENIED) {
            return status == 401 || status == 403 ? null : "status " + status + " in place of a denial";
        }
        if (sent.fate() == Fate.REFUSED || sent.fate() == Fate.UNREAD) {
            return status == 0 || (status >= 400 && id.isEmpty())
                    ? null
                    : "status " + status + " to what is no request";
        }
        return problemOfAllowed(sent, status, body, whole);
    }

    private static @Nullable String problemOfAllowed(Sent sent, int status, String body, boolean whole) {
        boolean sound = sent.behaviour().isSound();
        if (status == 502) {
            // One whose connection ended may have had its effect.
            return sound && sent.isRepeatable() ? "status 502" : null;
        }
        boolean bodiless = sent.behaviour().isBodiless();
        boolean expected = status == 200 || (bodiless && (status == 204 || status == 304));
        if (!expected) {
            return "status " + status;
        }
        if (!sound && sent.behaviour() != Sent.Behaviour.DROPPED) {
            boolean brokenOff =
                    sent.behaviour().breaksOff() && (!whole || sent.method().equals("HEAD"));
            return brokenOff ? null : "a whole answer where the upstream gave none";
        }
        String wanted = bodiless || sent.method().equals("HEAD") ? "" : sent.answer();
        return whole && body.equals(wanted) ? null : "another body, " + body.length() + " octets, whole: " + whole;
    }
}
