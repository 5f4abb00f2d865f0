package io.gatepost.samples.gateway.server;

import io.gatepost.policy.RoutePolicies;
import io.gatepost.routes.manifest.HttpRoute;
import io.undertow.server.HttpHandler;

/**
 * What becomes of the requests that routes and policies judge: the gateway's own port sends on what is allowed, that of
 * forward authentication only says so.
 */
interface PolicyEnforcement {
    /**
     * Asks the policies of a place; what they allow goes to the next handler.
     *
     * @param route what logs and meters call the place
     */
    HttpHandler guard(String route, RoutePolicies policies, HttpHandler next);

    /** Takes what a rule's policies allowed. */
    HttpHandler allowed(HttpRoute.Rule rule);

    /** Answers where no route matches. */
    HttpHandler noRoute();

    /** Whether preflights are answered before policies are asked. */
    boolean answersPreflights();
}
