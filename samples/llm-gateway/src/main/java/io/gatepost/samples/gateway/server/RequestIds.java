package io.gatepost.samples.gateway.server;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HttpString;
import java.util.UUID;

/**
 * Names each request, for whoever searches a log for what a client met: in the log, in the request to the upstream, and
 * in the response unless the upstream names its own. A client can't choose the name, lest it take another's.
 */
final class RequestIds implements HttpHandler {
    static final String HEADER = "x-request-id";
    private static final HttpString NAME = new HttpString("X-Request-Id");

    private final HttpHandler next;

    RequestIds(HttpHandler next) {
        this.next = next;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        String id = UUID.randomUUID().toString();
        exchange.getRequestHeaders().put(NAME, id);
        exchange.getResponseHeaders().put(NAME, id);
        next.handleRequest(exchange);
    }
}
