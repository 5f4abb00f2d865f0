package io.gatepost.samples.gateway.observe;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.log.LoggedRequest;
import org.jspecify.annotations.Nullable;

/** What the log and the audit log say of a request. */
final class RequestText {
    private RequestText() {}

    /** The name that the gateway gave it. */
    static String id(PolicyRequest request) {
        return String.join(",", request.headers(LoggedRequest.ID_HEADER));
    }

    static String method(PolicyRequest request) {
        return Methods.name(Methods.indexOf(request.method()));
    }

    /** The path without the query. */
    static String path(PolicyRequest request) {
        return LoggedRequest.shown(request.path());
    }

    /** The model that the client asked for; null where that is not known. */
    static @Nullable String model(Decision decision) {
        String model = decision.explanation().requestModel();
        return model == null ? null : LoggedRequest.shown(model);
    }
}
