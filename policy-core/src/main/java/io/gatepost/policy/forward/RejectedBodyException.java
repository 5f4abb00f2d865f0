package io.gatepost.policy.forward;

/** A request's body that can't be judged or changed. Holds nothing of the body. */
public final class RejectedBodyException extends RejectedRequestException {
    private static final long serialVersionUID = 1L;

    RejectedBodyException(int status, String code, String message) {
        super(status, code, message);
    }
}
