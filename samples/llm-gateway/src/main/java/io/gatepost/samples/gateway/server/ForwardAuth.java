package io.gatepost.samples.gateway.server;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.Explanation;
import io.gatepost.policy.RouteEngine;
import io.gatepost.policy.RouteEngines;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.routes.Router;
import io.gatepost.routes.manifest.HttpRoute;
import io.gatepost.undertow.PolicyHandler;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HttpString;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers a proxy's question about a request that it holds: 200 with {@link IdentityHeaders}, or the refusal to give
 * its client. Nothing of the check's own target counts. A refusal is never in gRPC's form, whose status of 200 a proxy
 * would take for consent. A route whose rules read the body is closed, since a proxy asks without the body.
 *
 * @param proxies whose word about a client counts
 * @param identity what the proxy is told of whom it may let through
 */
record ForwardAuth(TrustedProxies proxies, IdentityHeaders identity) {
    private static final Logger LOG = LoggerFactory.getLogger("gateway");
    private static final AttachmentKey<OriginalRequest> ORIGINAL = AttachmentKey.create(OriginalRequest.class);
    private static final AttachmentKey<Decision.Allow> ALLOWED = AttachmentKey.create(Decision.Allow.class);
    private static final String READS_BODY =
            "the rules of this route read the body, which forward authentication does not see";
    private static final Decision.Deny BODY_NOT_JUDGED =
            new Decision.Deny(DenyReason.RULE_FAILED, null, new Explanation(READS_BODY, List.of()));

    /** Judges what the check describes; to be called on a worker thread, as keys may have to be waited for. */
    void answer(HttpServerExchange exchange, Router<HttpHandler> router) throws Exception {
        OriginalRequest original;
        try {
            original = OriginalRequest.of(PolicyHandler.request(exchange), proxies);
        } catch (OriginalRequest.MalformedException e) {
            Responses.send(exchange, ErrorResponse.of(400, "request_malformed", e.problem()));
            return;
        }
        exchange.putAttachment(ORIGINAL, original);
        router.of(original.request()).handleRequest(exchange);
    }

    /** What becomes of the requests that proxies ask about. */
    PolicyEnforcement by(RouteEngines engines) {
        return new Checks(engines, identity);
    }

    private record Checks(RouteEngines engines, IdentityHeaders identity) implements PolicyEnforcement {
        @Override
        public HttpHandler guard(String route, RoutePolicies policies, HttpHandler next) {
            if (policies.isOpen()) {
                return next;
            }
            RouteEngine engine = engines.of(withoutBodies(route, policies));
            return exchange -> judge(exchange, route, engine, next);
        }

        /** Closed in place of the first policies that read the body. */
        private RoutePolicies withoutBodies(String route, RoutePolicies policies) {
            RouteEngine engine = engines.of(policies);
            RoutePolicies closed = policies;
            for (Phase phase : List.of(Phase.POST_ROUTING, Phase.PRE_ROUTING)) {
                if (engine.readsBody(phase)) {
                    LOG.warn("forward authentication refuses all of {}: {}", route, READS_BODY);
                    TrafficPolicy authenticating = policies.in(phase).authenticating();
                    closed = policies.closed(new RoutePolicies.Closure(
                            phase, false, authenticating == null ? null : authenticating.name(), BODY_NOT_JUDGED));
                }
            }
            return closed;
        }

        private static void judge(HttpServerExchange exchange, String route, RouteEngine engine, HttpHandler next)
                throws Exception {
            OriginalRequest original = Objects.requireNonNull(exchange.getAttachment(ORIGINAL));
            Decision decision = engine.decide(original.on(route));
            if (decision instanceof Decision.Allow allow) {
                exchange.putAttachment(ALLOWED, allow);
                next.handleRequest(exchange);
            } else if (decision instanceof Decision.Deny deny) {
                Responses.send(
                        exchange,
                        deny.equals(BODY_NOT_JUDGED)
                                ? ErrorResponse.of(403, "body_not_judged", READS_BODY)
                                : deny.response());
            }
        }

        @Override
        public HttpHandler allowed(HttpRoute.Rule rule) {
            return exchange -> {
                Decision.Allow allow = exchange.getAttachment(ALLOWED);
                identity.of(allow == null ? null : allow.token())
                        .forEach((name, value) -> exchange.getResponseHeaders().put(new HttpString(name), value));
                exchange.endExchange();
            };
        }

        /** Not 404: nginx knows 401 and 403 only, and takes all else for a failure. */
        @Override
        public HttpHandler noRoute() {
            return exchange ->
                    Responses.send(exchange, ErrorResponse.of(403, "route_not_found", "no route takes this request"));
        }

        @Override
        public boolean answersPreflights() {
            return false;
        }
    }
}
