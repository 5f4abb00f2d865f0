package io.gatepost.samples.gateway.server;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.ServerConnection;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets requests under way end, and WebSockets. Once it has begun each response says {@code Connection: close}, and what
 * still comes on a connection that was open before is served, since a client can't know yet. Thread-safe.
 */
final class Drain implements HttpHandler {
    private final HttpHandler next;
    private final AtomicInteger active = new AtomicInteger();
    private final CountDownLatch idle = new CountDownLatch(1);
    private volatile boolean begun;

    Drain(HttpHandler next) {
        this.next = next;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        active.incrementAndGet();
        exchange.addExchangeCompleteListener((complete, following) -> {
            ServerConnection connection = complete.getConnection();
            if (complete.isUpgrade() && connection.isOpen()) {
                // A WebSocket is under way as long as its connection.
                connection.addCloseListener(closed -> ended());
            } else {
                ended();
            }
            following.proceed();
        });
        exchange.addResponseCommitListener(committed -> {
            if (begun && !committed.isUpgrade()) {
                committed.setPersistent(false);
            }
        });
        next.handleRequest(exchange);
    }

    private void ended() {
        active.decrementAndGet();
        look();
    }

    private void look() {
        if (begun && active.get() == 0) {
            idle.countDown();
        }
    }

    /** From now on responses end their connections. */
    void begin() {
        begun = true;
        look();
    }

    /** Returns whether all requests have ended in time. */
    boolean await(Duration time) {
        try {
            return idle.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** How many requests are under way. */
    int active() {
        return active.get();
    }
}
