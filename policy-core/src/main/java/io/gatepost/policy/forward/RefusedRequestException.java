package io.gatepost.policy.forward;

import io.gatepost.policy.ErrorResponse;

/** A request that is refused before a route is chosen or a policy asked. Holds nothing of the request. */
public final class RefusedRequestException extends RejectedRequestException {
    private static final long serialVersionUID = 1L;

    RefusedRequestException(ErrorResponse response) {
        super(response);
    }
}
