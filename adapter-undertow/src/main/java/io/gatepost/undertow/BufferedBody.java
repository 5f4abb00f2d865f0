package io.gatepost.undertow;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.forward.RejectedBodyException;
import io.gatepost.policy.forward.RequestBody;
import io.undertow.UndertowOptions;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.io.AsyncReceiverImpl;
import io.undertow.io.Receiver;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.HttpContinueReadHandler;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.ImmediatePooledByteBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** A request's body as it came, read without blocking. */
final class BufferedBody {
    private static final int CHEAP = 8 * 1024;

    private final byte[] bytes;

    /** What goes on once the body is there; runs as a handler does. */
    interface Next {
        void handle(HttpServerExchange exchange, BufferedBody body) throws Exception;
    }

    BufferedBody(byte[] bytes) {
        this.bytes = bytes;
    }

    static int positive(int limit) {
        if (limit <= 0) {
            throw new IllegalArgumentException("a body limit is positive");
        }
        return limit;
    }

    /**
     * Reads the body, or answers 413 beyond the limit, 400 where it is not framed as it says, and 503 where others fill
     * the memory for bodies.
     */
    static void read(HttpServerExchange exchange, int limit, Next next) throws Exception {
        if (exchange.getRequestContentLength() <= limit && !BodyMemory.reserve(exchange, limit)) {
            Exchanges.send(exchange, BodyWork.OVERLOADED);
            return;
        }
        limit(exchange, limit + Exchanges.DRAINED);
        new HttpContinueReadHandler(asked -> receive(asked, limit, next)).handleRequest(exchange);
    }

    /**
     * Sets how much of a body Undertow reads before it breaks off; a limit that the server was given stays. That of a
     * body in chunks is fixed before any handler: only the server's own setting changes it.
     */
    static void limit(HttpServerExchange exchange, long bytes) {
        boolean given = exchange.getConnection().getUndertowOptions().contains(UndertowOptions.MAX_ENTITY_SIZE);
        if (!given && !exchange.isRequestComplete() && exchange.isRequestChannelAvailable()) {
            exchange.setMaxEntitySize(bytes);
        }
    }

    private static void receive(HttpServerExchange exchange, int limit, Next next) {
        // Not the exchange's own receiver, which gives a body once only.
        AsyncReceiverImpl receiver = new AsyncReceiverImpl(exchange);
        receiver.setMaxBufferSize(limit);
        receiver.receiveFullBytes(
                (read, bytes) -> {
                    try {
                        next.handle(read, new BufferedBody(bytes));
                    } catch (RejectedBodyException e) {
                        Exchanges.send(read, e.response());
                    } catch (RuntimeException e) {
                        throw e;
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                (read, failure) -> Exchanges.send(read, refusal(failure, limit)));
    }

    private static ErrorResponse refusal(IOException failure, int limit) {
        return failure instanceof Receiver.RequestToLargeException
                ? RequestBody.tooLarge(limit).response()
                : BodyLimits.refusal(failure);
    }

    boolean isEmpty() {
        return bytes.length == 0;
    }

    /** Whether decoding and judging it takes less than handing it over to another thread. */
    boolean isCheap(HttpServerExchange exchange) {
        return bytes.length <= CHEAP && !exchange.getRequestHeaders().contains(Headers.CONTENT_ENCODING);
    }

    /** The body without its encodings. */
    byte[] decoded(HttpServerExchange exchange, int limit) throws RejectedBodyException {
        HeaderValues encodings = exchange.getRequestHeaders().get(Headers.CONTENT_ENCODING);
        return RequestBody.decode(bytes, encodings == null ? List.of() : encodings, limit);
    }

    /** Gives the body to whoever reads the exchange next. */
    void putBack(HttpServerExchange exchange) {
        // With an empty one a request without a body would seem to have one.
        if (bytes.length > 0) {
            PooledByteBuffer[] buffers = {new ImmediatePooledByteBuffer(ByteBuffer.wrap(bytes))};
            Connectors.ungetRequestBytes(exchange, buffers);
        }
        Connectors.resetRequestChannel(exchange);
    }
}
