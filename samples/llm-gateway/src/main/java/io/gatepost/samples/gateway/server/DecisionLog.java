package io.gatepost.samples.gateway.server;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DecisionListener;
import io.gatepost.policy.PolicyRequest;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts decisions and logs a line for each denial. What a client can choose, such as a query, stays out of the log but
 * for the method and the path, which have no blanks and no control characters.
 *
 * @param route the route or the gateway that the decisions are about
 */
record DecisionLog(String route, Metrics metrics) implements DecisionListener {
    private static final Logger LOG = LoggerFactory.getLogger("gateway");

    @Override
    public void decided(PolicyRequest request, Decision decision, Duration elapsed) {
        if (decision instanceof Decision.Deny deny) {
            metrics.denied(deny.reason());
            LOG.atInfo()
                    .addKeyValue("decision", "deny")
                    .addKeyValue("reason", deny.reason())
                    .addKeyValue("status", deny.reason().status())
                    .addKeyValue("route", route)
                    .addKeyValue("requestId", String.join(",", request.headers(RequestIds.HEADER)))
                    .addKeyValue("method", request.method())
                    .addKeyValue("path", request.path())
                    .log(deny.explanation().summary());
        } else {
            metrics.allowed();
        }
    }
}
