package io.gatepost.undertow;

import io.gatepost.policy.ErrorResponse;
import io.undertow.UndertowOptions;
import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.ConnectorStatistics;
import io.undertow.server.DelegateOpenListener;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpOpenListener;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.util.Methods;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.xnio.OptionMap;
import org.xnio.StreamConnection;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.conduits.ConduitStreamSourceChannel;

/**
 * Takes HTTP/1.1 connections as Undertow's own listener does, but for heads that Undertow's parser refuses and no
 * handler hears of: they are answered as all that is refused, instead of with a bare 400. Immutable but for its
 * handler; thread-safe.
 */
public final class Http1Listener implements DelegateOpenListener {
    private static final ErrorResponse MALFORMED =
            ErrorResponse.of(400, "request_malformed", "the head of the request is none, or has too many headers");
    private static final ErrorResponse TOO_LONG =
            ErrorResponse.of(431, "request_head_too_long", "the head of the request is longer than is taken here");

    private final HttpOpenListener undertows;
    private final int mostOctets;
    private final UnaryOperator<ErrorResponse> refused;
    private volatile HttpHandler handler;

    /**
     * Takes connections.
     *
     * @param buffers what they read into
     * @param options Undertow's options for them
     * @param handler what gets their requests
     * @param refused hears of each head that is refused, on an I/O thread, and may add headers to the answer to it: 431
     *     where it is longer than {@code UndertowOptions.MAX_HEADER_SIZE}, otherwise 400
     */
    public Http1Listener(
            ByteBufferPool buffers, OptionMap options, HttpHandler handler, UnaryOperator<ErrorResponse> refused) {
        this.handler = Objects.requireNonNull(handler, "handler");
        this.refused = Objects.requireNonNull(refused, "refused");
        mostOctets = options.get(UndertowOptions.MAX_HEADER_SIZE, UndertowOptions.DEFAULT_MAX_HEADER_SIZE);
        undertows = new HttpOpenListener(buffers, options);
        undertows.setRootHandler(this::handle);
    }

    private void handle(HttpServerExchange exchange) throws Exception {
        if (exchange.getConnection() instanceof HttpServerConnection connection
                && connection.getOriginalSourceConduit() instanceof HeadOctets octets) {
            octets.end();
            exchange.addExchangeCompleteListener((complete, next) -> {
                if (leavesConnection(complete)) {
                    octets.begin();
                }
                next.proceed();
            });
        }
        handler.handleRequest(exchange);
    }

    /** Whether the connection takes another request, and has not become a tunnel or changed its protocol. */
    private static boolean leavesConnection(HttpServerExchange exchange) {
        return exchange.isPersistent()
                && !exchange.isUpgrade()
                && !exchange.getRequestMethod().equals(Methods.CONNECT);
    }

    @Override
    public void handleEvent(StreamConnection connection) {
        handleEvent(connection, null);
    }

    @Override
    public void handleEvent(StreamConnection connection, @Nullable PooledByteBuffer begun) {
        ConduitStreamSourceChannel source = connection.getSourceChannel();
        int read = begun == null ? 0 : begun.getBuffer().remaining();
        HeadOctets octets = new HeadOctets(source.getConduit(), read);
        source.setConduit(octets);
        ConduitStreamSinkChannel sink = connection.getSinkChannel();
        sink.setConduit(new BareRefusals(
                sink.getConduit(), octets, () -> refused.apply(octets.count() > mostOctets ? TOO_LONG : MALFORMED)));
        undertows.handleEvent(connection, begun);
    }

    @Override
    public HttpHandler getRootHandler() {
        return handler;
    }

    @Override
    public void setRootHandler(HttpHandler rootHandler) {
        handler = Objects.requireNonNull(rootHandler, "rootHandler");
    }

    @Override
    public OptionMap getUndertowOptions() {
        return undertows.getUndertowOptions();
    }

    /** @throws UnsupportedOperationException always: the options are the constructor's */
    @Override
    public void setUndertowOptions(OptionMap undertowOptions) {
        throw new UnsupportedOperationException("the options are the constructor's");
    }

    @Override
    public ByteBufferPool getBufferPool() {
        return undertows.getBufferPool();
    }

    @Override
    public ConnectorStatistics getConnectorStatistics() {
        return undertows.getConnectorStatistics();
    }
}
