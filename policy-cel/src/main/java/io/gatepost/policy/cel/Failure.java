package io.gatepost.policy.cel;

import dev.cel.common.CelErrorCode;
import dev.cel.common.exceptions.CelRuntimeException;

/** A function has no value for its arguments. The message holds nothing of them. */
final class Failure extends CelRuntimeException {
    private final String reason;

    Failure(String reason) {
        this(reason, CelErrorCode.INVALID_ARGUMENT);
    }

    private Failure(String reason, CelErrorCode code) {
        super(new IllegalArgumentException(reason), code);
        this.reason = reason;
    }

    static Failure tooCostly() {
        return new Failure("the expression takes too many steps", CelErrorCode.ITERATION_BUDGET_EXCEEDED);
    }

    static Failure tooLarge() {
        return new Failure("a result is too large", CelErrorCode.INVALID_ARGUMENT);
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
