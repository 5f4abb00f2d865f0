package io.gatepost.samples.gateway.server;

import io.gatepost.routes.Attachment;
import io.gatepost.routes.Place;
import io.gatepost.routes.RouteTable;
import io.gatepost.routes.Router;
import io.gatepost.samples.gateway.observe.RequestMeters;
import io.undertow.server.HttpHandler;

/**
 * The handlers of places, each behind its policies.
 *
 * @param enforcement what becomes of the requests
 * @param meters counts the requests of each route
 */
record RouteHandlers(PolicyEnforcement enforcement, RequestMeters meters) {
    /** What logs call the place of a request that no listener takes. */
    private static final String NO_LISTENER = "none";

    Router<HttpHandler> router(RouteTable routes) {
        return routes.router(
                this::handler,
                enforcement.guard(NO_LISTENER, routes.ofNoListener(), enforcement.noRoute()),
                exchange -> Responses.send(exchange, Router.TOO_LONG));
    }

    private HttpHandler handler(Place place) {
        Attachment at = place.attachment();
        String name = place.name();
        if (at == null) {
            return answering(place, enforcement.guard(name, place.policies(), enforcement.noRoute()));
        }
        HttpHandler guarded = enforcement.guard(name, place.policies(), enforcement.allowed(at.rule()));
        return meters.routed(
                name, answering(place, Filters.aroundPolicies(at.rule().filters(), guarded)));
    }

    /** In front of the policies of both phases, so that a preflight meets none of them and a refusal can be read. */
    private HttpHandler answering(Place place, HttpHandler next) {
        return place.cors() == null || !enforcement.answersPreflights() ? next : new CorsHandler(place.cors(), next);
    }
}
