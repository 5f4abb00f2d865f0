package io.gatepost.samples.gateway.server;

import io.gatepost.policy.ErrorResponse;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HttpString;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

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

    /** A random UUID (RFC 9562 section 5.4). A name, no secret: it may be cheap. */
    private static String newId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long high = (random.nextLong() & 0xffff_ffff_ffff_0fffL) | 0x4000L;
        long low = (random.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low).toString();
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
            String id = newId();
            told.accept(id, answer);
            Map<String, String> headers = new LinkedHashMap<>(answer.headers());
            headers.put(HEADER, id);
            return new ErrorResponse(answer.status(), headers, answer.message(), answer.body());
        };
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        String id = newId();
        exchange.getRequestHeaders().put(NAME, id);
        exchange.getResponseHeaders().put(NAME, id);
        next.handleRequest(exchange);
    }
}
