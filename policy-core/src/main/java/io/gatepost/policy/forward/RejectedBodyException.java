package io.gatepost.policy.forward;

import io.gatepost.policy.ErrorResponse;
import java.util.Objects;

/** A request's body that can't be judged or changed. Holds nothing of the body. */
public final class RejectedBodyException extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient ErrorResponse response;

    RejectedBodyException(int status, String code, String message) {
        super(message, null, false, false);
        response = Objects.requireNonNull(ErrorResponse.of(status, code, message), "response");
    }

    /**
     * What the client gets.
     *
     * @return 400, 413 or 415
     */
    public ErrorResponse response() {
        return response;
    }
}
