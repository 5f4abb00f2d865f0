package io.gatepost.samples.gateway.server;

import io.gatepost.policy.RouteEngines;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.routes.Router;
import io.gatepost.routes.manifest.HttpRoute;
import io.gatepost.undertow.PolicyHandler;
import io.undertow.server.HttpHandler;
import java.util.function.Function;

/**
 * What the gateway's own port does.
 *
 * @param engines what decides
 * @param upstreams what a rule's requests are sent on by, once they are allowed
 * @param bodyLimit how large a body may be that is judged
 */
record UpstreamEnforcement(RouteEngines engines, Function<HttpRoute.Rule, HttpHandler> upstreams, int bodyLimit)
        implements PolicyEnforcement {
    @Override
    public HttpHandler guard(String route, RoutePolicies policies, HttpHandler next) {
        return policies.isOpen()
                ? next
                : new PolicyHandler(engines.of(policies), next)
                        .withBodyLimit(bodyLimit)
                        .named(route);
    }

    @Override
    public HttpHandler allowed(HttpRoute.Rule rule) {
        return upstreams.apply(rule);
    }

    @Override
    public HttpHandler noRoute() {
        return exchange -> Responses.send(exchange, Router.NO_ROUTE);
    }

    @Override
    public boolean answersPreflights() {
        return true;
    }
}
