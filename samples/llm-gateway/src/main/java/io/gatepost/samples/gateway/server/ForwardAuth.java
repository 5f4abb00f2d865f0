package io.gatepost.samples.gateway.server;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.Explanation;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.routes.manifest.HttpRoute;
import io.gatepost.samples.gateway.observe.DecisionLog;
import io.gatepost.undertow.PolicyHandler;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HttpString;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers a proxy's question about a request that it holds: 200 with {@link IdentityHeaders}, or the refusal to give
 * its client. Nothing of the check's own target counts. A refusal is never in gRPC's form, whose status of 200 a proxy
 * would take for consent. A route whose rules read the body is closed, since a proxy asks without the body.
 */
final class ForwardAuth implements Enforcement {
    private static final Logger LOG = LoggerFactory.getLogger("gateway");
    private static final AttachmentKey<PolicyRequest> ORIGINAL = AttachmentKey.create(PolicyRequest.class);
    private static final AttachmentKey<Decision.Allow> ALLOWED = AttachmentKey.create(Decision.Allow.class);
    private static final String READS_BODY =
            "the rules of this route read the body, which forward authentication does not see";

    private final TrustedProxies proxies;
    private final IdentityHeaders identity;

    ForwardAuth(TrustedProxies proxies, IdentityHeaders identity) {
        this.proxies = proxies;
        this.identity = identity;
    }

    /** Judges what the check describes; to be called on a worker thread, as keys may have to be waited for. */
    void answer(HttpServerExchange exchange, Router router) throws Exception {
        try {
            exchange.putAttachment(ORIGINAL, OriginalRequest.of(PolicyHandler.request(exchange), proxies));
        } catch (OriginalRequest.MalformedException e) {
            Responses.send(exchange, ErrorResponse.of(400, "request_malformed", e.problem()));
            return;
        }
        router.handlerOf(original(exchange)).handleRequest(exchange);
    }

    private static PolicyRequest original(HttpServerExchange exchange) {
        return Objects.requireNonNull(exchange.getAttachment(ORIGINAL));
    }

    @Override
    public HttpHandler guard(PolicyEngine engine, DecisionLog log, HttpHandler next) {
        if (!engine.readsBody()) {
            return exchange -> judge(exchange, engine, next);
        }
        LOG.warn("forward authentication refuses all of {}: {}", log.route(), READS_BODY);
        Decision.Deny deny = new Decision.Deny(DenyReason.RULE_FAILED, null, new Explanation(READS_BODY, List.of()));
        return refuse(deny, log, ErrorResponse.of(403, "body_not_judged", READS_BODY));
    }

    /** What one phase allows, the next one sees without the credential, as it does on the gateway's own port. */
    private static void judge(HttpServerExchange exchange, PolicyEngine engine, HttpHandler next) throws Exception {
        PolicyRequest request = original(exchange);
        Decision.Allow earlier = exchange.getAttachment(ALLOWED);
        Decision decision = earlier == null ? engine.decide(request) : engine.decide(request, earlier);
        if (decision instanceof Decision.Allow allow) {
            exchange.putAttachment(ALLOWED, allow);
            exchange.putAttachment(ORIGINAL, allow.toForward(request));
            next.handleRequest(exchange);
        } else if (decision instanceof Decision.Deny deny) {
            Responses.send(exchange, deny.response());
        }
    }

    @Override
    public HttpHandler refuse(Decision.Deny deny, DecisionLog log) {
        return refuse(deny, log, deny.response());
    }

    private static HttpHandler refuse(Decision.Deny deny, DecisionLog log, ErrorResponse answer) {
        return exchange -> {
            log.decided(original(exchange), deny, Duration.ZERO);
            Responses.send(exchange, answer);
        };
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
}
