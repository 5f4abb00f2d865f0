package io.gatepost.samples.gateway.server;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.log.LoggedRequest;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HttpString;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/**
 * Names each request, for whoever searches a log for what a client met: in the log, in the request to the upstream, and
 * in the response unless the upstream names its own. A client can't choose the name, lest it take another's.
 */
final class RequestIds implements HttpHandler {
    private static final HttpString NAME = new HttpString("X-Request-Id");

    private final HttpHandler next;

    RequestIds(HttpHandler next) {
        this.next = next;
    }

    /** The name once more, where a client might have taken it away as one of its hop's. */
    static HttpHandler kept(HttpHandler next) {
        return exchange -> {
            exchange.getRequestHeaders().put(NAME, exchange.getResponseHeaders().getFirst(NAME));
            next.handleRequest(exchange);
        };
    }

    /** Names what was refused before there was a request. */
    static UnaryOperator<ErrorResponse> naming(BiConsumer<String, ErrorResponse> told) {
        return answer -> {
            String id = LoggedRequest.newId();
            told.accept(id, answer);
            return LoggedRequest.named(answer, id);
        };
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        String id = LoggedRequest.newId();
        exchange.getRequestHeaders().put(NAME, id);
        exchange.getResponseHeaders().put(NAME, id);
        next.handleRequest(exchange);
    }
}
