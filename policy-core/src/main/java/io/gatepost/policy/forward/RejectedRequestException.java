package io.gatepost.policy.forward;

import io.gatepost.policy.ErrorResponse;
import java.util.Objects;

/** A request that can't be judged, or not be sent on as it is. Holds nothing of the request. */
public sealed class RejectedRequestException extends Exception permits RejectedBodyException, RefusedRequestException {
    private static final long serialVersionUID = 1L;
    private final transient ErrorResponse response;

    RejectedRequestException(int status, String code, String message) {
        this(ErrorResponse.of(status, code, message));
    }

    RejectedRequestException(ErrorResponse response) {
        super(response.message(), null, false, false);
        this.response = Objects.requireNonNull(response, "response");
    }

    /**
     * What the client gets.
     *
     * @return 400, 405, 413, 415 or 431
     */
    public ErrorResponse response() {
        return response;
    }
}
