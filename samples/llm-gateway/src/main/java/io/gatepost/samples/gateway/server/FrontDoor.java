package io.gatepost.samples.gateway.server;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.RequestTarget;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Refuses, before a route is chosen, what has no single reading: the target, and the host (RFC 9112 section 3.2). An
 * absolute target goes on as its path, where it names the host of the header.
 */
final class FrontDoor implements HttpHandler {
    private static final Pattern HOST =
            Pattern.compile("(?:[A-Za-z0-9._-]{1,255}|\\[[0-9A-Fa-f:.]{2,45}])(?::[0-9]{1,5})?");
    private static final Pattern ABSOLUTE = Pattern.compile("(?i:https?)://([^/]*)(/.*)?");

    private final HttpHandler next;
    private final Metrics metrics;

    FrontDoor(HttpHandler next, Metrics metrics) {
        this.next = next;
        this.metrics = metrics;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        metrics.request();
        String problem = hostProblem(exchange);
        if (problem == null && exchange.isHostIncludedInRequestURI()) {
            problem = absoluteProblem(exchange);
        }
        if (problem == null) {
            problem = RequestTarget.problem(exchange.getRequestURI());
        }
        if (problem == null) {
            next.handleRequest(exchange);
        } else {
            Responses.send(exchange, ErrorResponse.of(400, "request_malformed", problem));
        }
    }

    private static @Nullable String hostProblem(HttpServerExchange exchange) {
        HeaderValues hosts = exchange.getRequestHeaders().get(Headers.HOST);
        boolean one = hosts != null && hosts.size() == 1;
        return one && HOST.matcher(hosts.getFirst()).matches() ? null : "expected one Host header with a valid host";
    }

    private static @Nullable String absoluteProblem(HttpServerExchange exchange) {
        Matcher target = ABSOLUTE.matcher(exchange.getRequestURI());
        String host = exchange.getRequestHeaders().getFirst(Headers.HOST);
        if (!target.matches() || !target.group(1).equalsIgnoreCase(host)) {
            return "the target names another host than the Host header";
        }
        String path = target.group(2) == null ? "/" : target.group(2);
        exchange.setRequestURI(path, false);
        exchange.setRequestPath(path);
        exchange.setRelativePath(path);
        return null;
    }
}
