package io.gatepost.undertow;

import io.undertow.server.HttpServerExchange;

/**
 * Hears how each request to an upstream ended: the hook for metrics and tracing. Called on the exchange's I/O thread,
 * so it must be quick and must not block.
 */
@FunctionalInterface
public interface UpstreamListener {
    /**
     * A request to the upstream is over.
     *
     * @param exchange the client's exchange, whose response has begun or is about to where the upstream failed
     * @param call what became of it
     */
    void ended(HttpServerExchange exchange, UpstreamCall call);
}
