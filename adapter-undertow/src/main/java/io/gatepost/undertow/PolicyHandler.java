package io.gatepost.undertow;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RouteEngine;
import io.gatepost.policy.forward.RequestBody;
import io.gatepost.policy.log.DenialLog;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.request.Credential;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests through to the next handler that the policies allow, and answers the others. What it lets through has
 * lost its verified credentials: no later handler sees them in headers, cookies or query. A body that rules judge is
 * read whole once the credential has passed, and can be read again after; a long one, or one with an encoding, is
 * judged on threads of its own. Never blocks an I/O thread. Several in a row judge one after the other: a later one's
 * rules see the token that an earlier one verified. Each refusal gets a line in the log ({@link DenialLog}). Immutable
 * and thread-safe.
 *
 * <p>Undertow breaks off bodies in chunks beyond 2 MiB by itself; set {@code UndertowOptions.MAX_ENTITY_SIZE} of the
 * server to -1, or to a limit of your own, to let larger ones through.
 */
public final class PolicyHandler implements HttpHandler {
    private static final AttachmentKey<Decision.Allow> ALLOWED = AttachmentKey.create(Decision.Allow.class);

    private static final AttachmentKey<Integer> BODY_LIMIT = AttachmentKey.create(Integer.class);

    private final RouteEngine engine;
    private final HttpHandler next;
    private final Integer bodyLimit;
    private final @Nullable String route;
    private final DenialLog log;
    private final PendingDecision.Then enforce = this::enforce;

    /**
     * Guards a handler.
     *
     * @param engine what decides; stays the caller's to close
     * @param next what gets the requests that are allowed, on an I/O thread where the request came on one
     */
    public PolicyHandler(PolicyEngine engine, HttpHandler next) {
        this(RouteEngine.of(engine), next);
    }

    /**
     * Guards a handler by the policies before and after routing.
     *
     * @param engine what decides
     * @param next what gets the requests that are allowed, on an I/O thread where the request came on one
     */
    public PolicyHandler(RouteEngine engine, HttpHandler next) {
        this(engine, next, RequestBody.DEFAULT_LIMIT, null);
    }

    private PolicyHandler(RouteEngine engine, HttpHandler next, int bodyLimit, @Nullable String route) {
        this.engine = Objects.requireNonNull(engine, "engine");
        this.next = Objects.requireNonNull(next, "next");
        this.bodyLimit = bodyLimit;
        this.route = route;
        log = new DenialLog(route == null ? "-" : route);
    }

    /**
     * The same guard with another limit for bodies that rules judge, or that an {@link LlmForwardingHandler} behind it
     * changes.
     *
     * @param bytes how large a body may be, before and after its encoding is removed; {@link RequestBody#DEFAULT_LIMIT}
     *     otherwise
     * @return a new handler
     * @throws IllegalArgumentException where the limit is not positive
     */
    public PolicyHandler withBodyLimit(int bytes) {
        return new PolicyHandler(engine, next, BufferedBody.positive(bytes), route);
    }

    /**
     * The same guard with a name for what it guards: decision listeners learn it from {@link PolicyRequest#route}, and
     * the lines of the {@link DenialLog} have it; {@code -} otherwise.
     *
     * @param route a name, such as that of a route
     * @return a new handler
     */
    public PolicyHandler named(String route) {
        return new PolicyHandler(engine, next, bodyLimit, Objects.requireNonNull(route, "route"));
    }

    /**
     * What the last policy in front said of a request.
     *
     * @param exchange the request
     * @return the decision with the verified token; null where no policy has judged the request
     */
    public static Decision.@Nullable Allow allowed(HttpServerExchange exchange) {
        return exchange.getAttachment(ALLOWED);
    }

    /** How large a body may be that is read, by the last policy in front. */
    static int bodyLimit(HttpServerExchange exchange) {
        Integer told = exchange.getAttachment(BODY_LIMIT);
        return told == null ? RequestBody.DEFAULT_LIMIT : told;
    }

    /**
     * A request as policies judge it, for routers that choose by the same view.
     *
     * @param exchange the request
     * @return a view of it without its body, good as long as the exchange is
     */
    public static PolicyRequest request(HttpServerExchange exchange) {
        return new UndertowRequest(exchange);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        PendingDecision.start(engine, new UndertowRequest(exchange, route), bodyLimit, exchange, log, enforce);
    }

    private void enforce(HttpServerExchange exchange, Decision decision) throws Exception {
        if (decision instanceof Decision.Allow allow) {
            exchange.putAttachment(ALLOWED, allow);
            exchange.putAttachment(BODY_LIMIT, bodyLimit);
            strip(exchange, allow);
            next.handleRequest(exchange);
        } else {
            Exchanges.send(exchange, log.denied(new UndertowRequest(exchange), (Decision.Deny) decision));
        }
    }

    /** Changes the exchange itself, so that no handler has to know. */
    private static void strip(HttpServerExchange exchange, Decision.Allow allow) {
        List<Credential> credentials = allow.credentials();
        for (int i = 0; i < credentials.size(); i++) {
            TokenLocation location = credentials.get(i).location();
            if (location instanceof TokenLocation.Header header) {
                // Nothing is left of it, whatever the others are.
                exchange.getRequestHeaders().remove(header.name());
            } else {
                strip(exchange, allow, location);
            }
        }
    }

    private static void strip(HttpServerExchange exchange, Decision.Allow allow, TokenLocation location) {
        PolicyRequest left = allow.toForward(new UndertowRequest(exchange));
        Runnable strip = location.fold(
                header -> () -> {},
                parameter -> () -> leaveQuery(left, parameter.name(), exchange),
                cookie -> () -> leave(left, Headers.COOKIE, exchange.getRequestHeaders()),
                computed -> () -> {});
        strip.run();
    }

    private static void leaveQuery(PolicyRequest left, String parameter, HttpServerExchange exchange) {
        String query = left.query();
        exchange.setQueryString(query == null ? "" : query);
        exchange.getQueryParameters().remove(parameter);
        // Caches go by the URL, which whoever has it may ask again (RFC 6750 section 2.3).
        exchange.addResponseCommitListener(later -> later.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store"));
    }

    private static void leave(PolicyRequest left, HttpString name, HeaderMap headers) {
        List<String> values = List.copyOf(left.headers(name.toString()));
        headers.remove(name);
        headers.addAll(name, values);
    }
}
