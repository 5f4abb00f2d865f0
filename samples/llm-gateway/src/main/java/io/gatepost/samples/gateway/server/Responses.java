package io.gatepost.samples.gateway.server;

import io.gatepost.policy.ErrorResponse;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HttpString;
import java.nio.ByteBuffer;

/** Answers that the gateway makes itself. */
final class Responses {
    private Responses() {}

    static void send(HttpServerExchange exchange, ErrorResponse response) {
        exchange.setStatusCode(response.status());
        response.headers()
                .forEach((name, value) -> exchange.getResponseHeaders().put(new HttpString(name), value));
        exchange.getResponseSender().send(ByteBuffer.wrap(response.bodyBytes()));
    }
}
