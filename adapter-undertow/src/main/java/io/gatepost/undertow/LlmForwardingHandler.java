package io.gatepost.undertow;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.forward.ForwardedRequest;
import io.gatepost.policy.forward.RejectedBodyException;
import io.gatepost.policy.forward.RejectedRequestException;
import io.gatepost.policy.forward.Upstream;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.HttpContinueReadHandler;
import io.undertow.util.Headers;
import io.undertow.util.SameThreadExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests on to an LLM upstream and streams its responses back, byte by byte as they come. Put it behind a
 * {@link PolicyHandler}. An upstream that can't be reached is answered with 502, one that is silent for too long with
 * 504, both in OpenAI's error shape; one that breaks off within a response breaks the client's connection off too. A
 * client that goes away takes its request to the upstream with it. A client of HTTP/1.1 that asks for WebSocket is
 * connected with the upstream where that agrees. Immutable and thread-safe; never blocks an I/O thread.
 */
public final class LlmForwardingHandler implements HttpHandler, AutoCloseable {
    private static final Duration RESPONSE_TIMEOUT = Duration.ofMinutes(10);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final long UNLIMITED = 1L << 60;

    private final Upstream upstream;
    private final Silence.Watch silences;
    private final UpstreamListener listener;
    private final int bodyLimit;
    private final UpstreamConnections connections;
    private final HttpHandler asItIs;

    private LlmForwardingHandler(Builder builder) {
        upstream = builder.upstream;
        silences = new Silence.Watch(builder.responseTimeout);
        listener = builder.listener;
        bodyLimit = builder.bodyLimit;
        connections = new UpstreamConnections(upstream, builder.connectTo, builder.connectTimeout);
        asItIs = asked(null, null);
    }

    /**
     * Forwards to an upstream, with the default timeouts.
     *
     * @param upstream where to, and what changes on the way
     * @return a handler
     */
    public static LlmForwardingHandler to(Upstream upstream) {
        return builder(upstream).build();
    }

    /**
     * Starts a handler.
     *
     * @param upstream where to, and what changes on the way
     * @return a builder with the defaults
     */
    public static Builder builder(Upstream upstream) {
        return new Builder(upstream);
    }

    /** What one route asks differently of an upstream that it shares with others. */
    private record Asked(@Nullable String host, @Nullable Duration answerWithin) {}

    /**
     * The same upstream over the same connections, asked in another way.
     *
     * @param host what it is told as {@code Host}; null for its own
     * @param answerWithin how long it may take until its response begins, from the request's beginning on; null for as
     *     long as it is not silent for {@link Builder#responseTimeout}
     * @return a handler that needs not be closed, but this one does
     */
    public HttpHandler asked(@Nullable String host, @Nullable Duration answerWithin) {
        Asked asked = new Asked(host, answerWithin);
        HttpHandler sending = exchange -> forward(exchange, asked);
        HttpHandler continuing = new HttpContinueReadHandler(sending);
        return exchange -> {
            WebSocketUpgrade.note(exchange);
            if (WebSocketUpgrade.isAsked(exchange)) {
                sending.handleRequest(exchange);
            } else if (upstream.changesBody()) {
                int limit = bodyLimit > 0 ? bodyLimit : PolicyHandler.bodyLimit(exchange);
                BufferedBody.read(exchange, limit, (read, body) -> changeBody(read, body, limit, asked));
            } else {
                BufferedBody.limit(exchange, UNLIMITED);
                continuing.handleRequest(exchange);
            }
        };
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        asItIs.handleRequest(exchange);
    }

    private void changeBody(HttpServerExchange exchange, BufferedBody body, int limit, Asked asked) throws Exception {
        AtomicReference<byte @Nullable []> changed = new AtomicReference<>();
        BodyWork.run(exchange, body.isCheap(exchange), () -> changed.set(changed(exchange, body, limit)), ready -> {
            byte[] other = changed.get();
            if (other == null) {
                body.putBack(ready);
                forward(ready, asked);
            } else {
                replaceBody(ready, other, asked);
            }
        });
    }

    /** Null where it is sent as it came. */
    private byte @Nullable [] changed(HttpServerExchange exchange, BufferedBody body, int limit)
            throws RejectedBodyException {
        if (body.isEmpty()) {
            return null;
        }
        byte[] decoded = body.decoded(exchange, limit);
        byte[] sent = upstream.bodyToForward(new UndertowRequest(exchange), decoded);
        return sent == decoded ? null : sent;
    }

    private void replaceBody(HttpServerExchange exchange, byte[] changed, Asked asked) throws Exception {
        exchange.getRequestHeaders().remove(Headers.TRANSFER_ENCODING);
        exchange.getRequestHeaders().remove(Headers.CONTENT_ENCODING);
        exchange.getRequestHeaders().put(Headers.CONTENT_LENGTH, changed.length);
        new BufferedBody(changed).putBack(exchange);
        forward(exchange, asked);
    }

    private void forward(HttpServerExchange exchange, Asked asked) {
        PolicyRequest request = new UndertowRequest(exchange);
        ForwardedRequest forwarded;
        try {
            forwarded = upstream.forward(request, PolicyHandler.allowed(exchange));
        } catch (RejectedRequestException e) {
            Exchanges.send(exchange, e.response());
            return;
        }
        ForwardedRequest told = asked.host() == null ? forwarded : forwarded.withHost(asked.host());
        if (WebSocketUpgrade.isAsked(exchange)) {
            told = WebSocketUpgrade.asking(told, upstream);
        }
        UpstreamExchange forwarding = new UpstreamExchange(
                exchange,
                told,
                connections,
                silences,
                asked.answerWithin(),
                new UpstreamTimer(exchange, told.target(), listener));
        Executor executor = exchange.isInIoThread() ? SameThreadExecutor.INSTANCE : exchange.getIoThread();
        exchange.dispatch(executor, forwarding::start);
    }

    /** Closes the idle connections; requests under way go on to their end. */
    @Override
    public void close() {
        connections.close();
    }

    /** A handler in the making. Not thread-safe. */
    public static final class Builder {
        private final Upstream upstream;
        private @Nullable InetSocketAddress connectTo;
        private Duration responseTimeout = RESPONSE_TIMEOUT;
        private Duration connectTimeout = CONNECT_TIMEOUT;
        private UpstreamListener listener = (exchange, call) -> {};
        private int bodyLimit;

        private Builder(Upstream upstream) {
            this.upstream = Objects.requireNonNull(upstream, "upstream");
        }

        /**
         * Connects elsewhere than to the host and port of the upstream's base. What the upstream is told, and the name
         * that its certificate must have, stay.
         *
         * @param address where to; null for the base's own
         * @return this
         */
        public Builder connectTo(@Nullable InetSocketAddress address) {
            connectTo = address;
            return this;
        }

        /**
         * Sets how long nothing may come from the upstream or be taken by it, and how long nothing may go either way of
         * a WebSocket; ten minutes otherwise.
         *
         * @param timeout positive; a silent upstream is given up after it, and before twice as long
         * @return this
         */
        public Builder responseTimeout(Duration timeout) {
            responseTimeout = positive(timeout);
            return this;
        }

        /**
         * Sets how long a connection to the upstream may take; ten seconds otherwise.
         *
         * @param timeout positive
         * @return this
         */
        public Builder connectTimeout(Duration timeout) {
            connectTimeout = positive(timeout);
            return this;
        }

        /**
         * Sets what hears how requests to the upstream ended; nothing otherwise.
         *
         * @param listener the listener
         * @return this
         */
        public Builder listener(UpstreamListener listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Sets how large a body may be that may name a model and meets an upstream with a model of its own; otherwise
         * as large as the last {@link PolicyHandler} in front lets bodies be that rules judge.
         *
         * @param bytes positive; before and after the body's encoding is removed
         * @return this
         */
        public Builder bodyLimit(int bytes) {
            bodyLimit = BufferedBody.positive(bytes);
            return this;
        }

        private static Duration positive(Duration timeout) {
            if (timeout.isNegative() || timeout.isZero()) {
                throw new IllegalArgumentException("a timeout is positive");
            }
            return timeout;
        }

        /**
         * Builds the handler.
         *
         * @return a handler; to be closed
         */
        public LlmForwardingHandler build() {
            return new LlmForwardingHandler(this);
        }
    }
}
