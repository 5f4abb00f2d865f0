package io.gatepost.policy.forward;

import io.gatepost.policy.ErrorResponse;

/** Why a request came to no whole response of an upstream, and what its client is answered. */
public enum UpstreamFailure {
    /** No connection, or the upstream ended it before it answered: 502. */
    UNAVAILABLE("unavailable", 502, "upstream_unavailable", "the upstream can't be reached"),

    /** The head of its response, or what says where the body ends, has two readings: 502. */
    MALFORMED("unavailable", 502, "upstream_unavailable", "the upstream's response is none that can be passed on"),

    /** No connection, no response or no more of it in time: 504, or the end of the client's connection. */
    TIMEOUT("timeout", 504, "upstream_timeout", "the upstream did not answer in time"),

    /** The upstream ended the connection within its response, or sent chunks that are none: the client's ends too. */
    BROKEN_OFF("broken_off", MALFORMED.status, MALFORMED.code, MALFORMED.message),

    /** The client went away, or its request broke off: 400, where it can still be answered. */
    CLIENT_GONE("client_gone", 400, "invalid_body", RequestBody.BROKEN);

    private final String word;
    private final int status;
    private final String code;
    private final String message;

    UpstreamFailure(String word, int status, String code, String message) {
        this.word = word;
        this.status = status;
        this.code = code;
        this.message = message;
    }

    /**
     * What logs and metrics call it. Failures that differ for people only share a word.
     *
     * @return a word in lower case, such as {@code broken_off}
     */
    public String word() {
        return word;
    }

    /**
     * What the client gets, unless its response has begun: then only the end of its connection tells that it is not
     * whole.
     *
     * @return the answer
     */
    public ErrorResponse answer() {
        return ErrorResponse.of(status, code, message);
    }
}
