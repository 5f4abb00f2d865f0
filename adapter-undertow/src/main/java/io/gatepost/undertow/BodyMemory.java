package io.gatepost.undertow;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much of the heap bodies may fill that are read whole: an eighth. Whoever sends bodies slowly, on many connections
 * at once, must not take the memory that others need. Thread-safe.
 */
final class BodyMemory {
    private static final AttachmentKey<Long> RESERVED = AttachmentKey.create(Long.class);
    private static final AtomicLong FREE = new AtomicLong(Runtime.getRuntime().maxMemory() / 8);

    private BodyMemory() {}

    /** Reserves room for an exchange's body until it is complete; false where there is none. */
    static boolean reserve(HttpServerExchange exchange, int limit) {
        if (exchange.getAttachment(RESERVED) != null || exchange.isRequestComplete()) {
            return true;
        }
        long announced = exchange.getRequestContentLength();
        long bytes = announced < 0 ? limit : Math.min(announced, limit);
        if (FREE.addAndGet(-bytes) < 0) {
            FREE.addAndGet(bytes);
            return false;
        }
        exchange.putAttachment(RESERVED, bytes);
        exchange.addExchangeCompleteListener((complete, next) -> {
            FREE.addAndGet(bytes);
            next.proceed();
        });
        return true;
    }
}
