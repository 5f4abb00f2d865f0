package io.gatepost.undertow;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.forward.Entry;
import io.gatepost.policy.forward.RequestBody;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioExecutor;
import org.xnio.conduits.StreamSourceConduit;

/**
 * Ends a body that grows too long, or of which nothing comes for too long while somebody wants to read it. Whoever
 * reads meets an exception that knows the answer. Used on the exchange's I/O thread.
 */
final class BodyLimits extends SingleReads {
    /** Why a body was not read to its end. */
    static final class ExceededException extends IOException {
        private static final long serialVersionUID = 1L;
        private final transient ErrorResponse response;

        ExceededException(ErrorResponse response) {
            super("the body exceeds a limit");
            this.response = response;
        }

        ErrorResponse response() {
            return response;
        }
    }

    private final HttpServerExchange exchange;
    private final long maxBytes;
    private final Duration timeout;
    private long left;
    private boolean moved;
    private boolean awaited;
    private @Nullable ErrorResponse exceeded;
    private XnioExecutor.@Nullable Key timer;

    private BodyLimits(StreamSourceConduit next, HttpServerExchange exchange, long maxBytes, Duration timeout) {
        super(next);
        this.exchange = exchange;
        this.maxBytes = maxBytes;
        this.timeout = timeout;
        left = maxBytes;
    }

    static void set(HttpServerExchange exchange, long maxBytes, Duration timeout) {
        if (!exchange.isRequestComplete()) {
            exchange.addRequestWrapper(
                    (factory, wrapped) -> new BodyLimits(factory.create(), wrapped, maxBytes, timeout));
        }
    }

    /** The answer where a body could not be read to its end. */
    static ErrorResponse refusal(IOException failure) {
        return failure instanceof ExceededException exceeded
                ? exceeded.response()
                : RequestBody.broken().response();
    }

    @Override
    public void resumeReads() {
        watch();
        super.resumeReads();
    }

    @Override
    public void wakeupReads() {
        watch();
        super.wakeupReads();
    }

    /** Not before somebody waits: most bodies are there when they are asked for. */
    private void watch() {
        if (!awaited) {
            awaited = true;
            exchange.addExchangeCompleteListener((complete, following) -> {
                stop();
                following.proceed();
            });
            schedule();
        }
    }

    private void schedule() {
        timer = exchange.getIoThread().executeAfter(this::look, timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Looks once per timeout, so that a client is given up after it, and before twice as long. */
    private void look() {
        if (exchange.isRequestComplete() || exchange.isComplete()) {
            return;
        }
        if (moved || !next.isReadResumed()) {
            moved = false;
            schedule();
        } else {
            exceeded = ErrorResponse.of(408, "body_timeout", "the body did not come in time");
            next.wakeupReads();
        }
    }

    private void stop() {
        if (timer != null) {
            timer.remove();
            timer = null;
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (exceeded != null) {
            throw new ExceededException(exceeded);
        }
        int count = super.read(target);
        if (count < 0) {
            stop();
        } else if (count > 0) {
            moved = true;
            left -= count;
            if (left < 0) {
                exceeded = Entry.tooLarge(maxBytes);
                throw new ExceededException(exceeded);
            }
        }
        return count;
    }
}
