package io.gatepost.samples.gateway.server;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.routes.manifest.HttpRoute;
import io.gatepost.samples.gateway.observe.DecisionLog;
import io.gatepost.undertow.PolicyHandler;
import io.undertow.server.HttpHandler;
import java.time.Duration;
import java.util.function.Function;

/**
 * What the gateway's own port does.
 *
 * @param upstreams what a rule's requests are sent on by, once they are allowed
 * @param bodyLimit how large a body may be that is judged
 */
record Forwarding(Function<HttpRoute.Rule, HttpHandler> upstreams, int bodyLimit) implements Enforcement {
    @Override
    public HttpHandler guard(PolicyEngine engine, DecisionLog log, HttpHandler next) {
        return new PolicyHandler(engine, next).withBodyLimit(bodyLimit);
    }

    @Override
    public HttpHandler refuse(Decision.Deny deny, DecisionLog log) {
        return exchange -> {
            PolicyRequest request = PolicyHandler.request(exchange);
            log.decided(request, deny, Duration.ZERO);
            Responses.send(exchange, deny.response(request));
        };
    }

    @Override
    public HttpHandler allowed(HttpRoute.Rule rule) {
        return upstreams.apply(rule);
    }

    @Override
    public HttpHandler noRoute() {
        return exchange -> Responses.send(exchange, Router.NO_ROUTE);
    }
}
