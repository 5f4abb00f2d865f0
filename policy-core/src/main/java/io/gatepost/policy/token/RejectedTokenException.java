package io.gatepost.policy.token;

import io.gatepost.policy.DenyReason;

/** A token is no good. Without a stack trace: it is data. The message names no token text and no claim value. */
final class RejectedTokenException extends Exception {
    private final DenyReason reason;

    RejectedTokenException(DenyReason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    DenyReason reason() {
        return reason;
    }
}
