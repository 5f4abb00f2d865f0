package io.gatepost.samples.gateway.server;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Gives each of several handlers its share of the requests: of every {@code n} in a row, where {@code n} is the sum of
 * the weights, each gets exactly as many as its weight says, well mixed.
 */
final class Shares implements HttpHandler {
    private static final double GOLDEN_RATIO = 0.618;

    /** One handler, and the sum of the weights up to and with its own. */
    private record Share(long upTo, HttpHandler handler) {}

    private final List<Share> shares = new ArrayList<>();
    private final AtomicLong turn = new AtomicLong();
    private long sum;
    private long step;

    /** Adds a handler with a positive weight. To be called only before the first request. */
    void add(int weight, HttpHandler handler) {
        sum += weight;
        shares.add(new Share(sum, handler));
        step = Math.max(1, Math.round(sum * GOLDEN_RATIO));
        while (gcd(step, sum) != 1) {
            step++;
        }
    }

    boolean isEmpty() {
        return shares.isEmpty();
    }

    /** Steps that have no factor in common with the sum come by every number below it before one comes again. */
    private static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        long drawn = turn.getAndUpdate(at -> (at + step) % sum);
        for (Share share : shares) {
            if (drawn < share.upTo()) {
                share.handler().handleRequest(exchange);
                return;
            }
        }
    }
}
