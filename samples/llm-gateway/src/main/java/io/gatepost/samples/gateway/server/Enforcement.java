package io.gatepost.samples.gateway.server;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.routes.manifest.HttpRoute;
import io.gatepost.samples.gateway.observe.DecisionLog;
import io.undertow.server.HttpHandler;

/**
 * What becomes of the requests that routes and policies judge: the gateway's own port sends on what is allowed, that of
 * forward authentication only says so.
 */
interface Enforcement {
    /** Asks an engine; what it allows goes to the next handler. */
    HttpHandler guard(PolicyEngine engine, DecisionLog log, HttpHandler next);

    /** Answers every request with one denial. */
    HttpHandler refuse(Decision.Deny deny, DecisionLog log);

    /** Takes what a rule's policies allowed. */
    HttpHandler allowed(HttpRoute.Rule rule);

    /** Answers where no route matches. */
    HttpHandler noRoute();
}
