package io.gatepost.policy.cel;

import dev.cel.common.CelErrorCode;
import dev.cel.common.exceptions.CelRuntimeException;

/** A function has no value for its arguments. The message holds nothing of them. */
final class Failure extends CelRuntimeException {
    private final String reason;

    Failure(String reason) {
        super(new IllegalArgumentException(reason), CelErrorCode.INVALID_ARGUMENT);
        this.reason = reason;
    }

    static Failure tooLarge() {
        return new Failure("a result is too large");
    }

    String reason() {
        return reason;
    }

    /** Nobody reads the trace, and requests can provoke failures. */
    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
