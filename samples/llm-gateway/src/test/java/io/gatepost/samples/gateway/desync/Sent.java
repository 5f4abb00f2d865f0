package io.gatepost.samples.gateway.desync;

/**
 * A request as a client sends it.
 *
 * @param id what tells it from all others, as the value of {@code x-id}
 * @param method its method
 * @param target its path and query
 * @param body its body, out of its framing
 * @param fate what is to become of it
 * @param behaviour how the upstream answers it
 */
record Sent(String id, String method, String target, String body, Fate fate, Behaviour behaviour) {
    /** What is to become of a request. */
    enum Fate {
        /** It reaches the upstream and is answered. */
        ALLOWED,
        /** Its client leaves: what reaches the upstream, if anything, is its beginning. */
        LEFT,
        /** It gets 401 or 403, and never reaches the upstream. */
        DENIED,
        /** It is no request: it gets a 4xx or the end of the connection, and never reaches the upstream. */
        REFUSED,
        /** It stands behind one that is none, and is never looked at. */
        UNREAD
    }

    /** How an upstream answers, and leaves its connection. */
    enum Behaviour {
        LENGTH,
        CHUNKED,
        TRICKLED,
        INTERIM,
        UNTIL_CLOSE,
        CLOSED,
        CLOSED_LATE,
        SURPLUS,
        SURPLUS_LATE,
        NO_CONTENT,
        NOT_MODIFIED,
        NO_CONTENT_SURPLUS,
        EARLY,
        DROPPED,
        TWO_LENGTHS,
        TWO_CODINGS,
        BAD_CHUNKS,
        BROKEN_OFF;

        /** Whether a client that stays gets a whole answer. */
        boolean isSound() {
            return compareTo(DROPPED) < 0;
        }

        /** Whether the answer's head is all that can be passed on whole. */
        boolean breaksOff() {
            return this == BAD_CHUNKS || this == BROKEN_OFF;
        }

        boolean isBodiless() {
            return this == NO_CONTENT || this == NOT_MODIFIED || this == NO_CONTENT_SURPLUS;
        }
    }

    boolean mayArrive() {
        return fate == Fate.ALLOWED || fate == Fate.LEFT;
    }

    /** Whether a gateway may send it a second time on its own, where a connection ended without an answer. */
    boolean isRepeatable() {
        return body.isEmpty() && !method.equals("POST") && !method.equals("PATCH");
    }

    /** What the upstream answers it with. */
    String answer() {
        int filler = Math.floorMod(id.hashCode(), 16) == 0 ? Math.floorMod(id.hashCode(), 40_000) : id.length();
        return id + ":" + "abcdefgh".repeat(filler / 8);
    }
}
