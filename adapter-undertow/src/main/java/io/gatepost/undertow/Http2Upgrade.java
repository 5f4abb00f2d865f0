package io.gatepost.undertow;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.server.protocol.http2.Http2UpgradeHandler;
import io.undertow.util.FlexBase64;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.xnio.StreamConnection;

/** Switches a connection in the clear to HTTP/2 where a request without a body asks for it (RFC 7540 section 3.2). */
final class Http2Upgrade implements HttpHandler {
    private static final HttpString SETTINGS = new HttpString("HTTP2-Settings");
    private static final String CLEAR = "h2c";

    private final Http2Listener listener;

    Http2Upgrade(Http2Listener listener) {
        this.listener = listener;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        String settings = settings(exchange);
        HttpHandler next = listener.getRootHandler();
        if (settings != null && exchange.getConnection() instanceof HttpServerConnection http1) {
            exchange.getRequestHeaders().put(SETTINGS, settings);
            next = new Http2UpgradeHandler(new Upgraded(http1.getChannel()), CLEAR);
        }
        next.handleRequest(exchange);
    }

    /** What the client asks for, as far as it can have it; null where it asks for no other protocol, or not rightly. */
    private static @Nullable String settings(HttpServerExchange exchange) {
        HeaderValues upgrade = exchange.getRequestHeaders().get(Headers.UPGRADE);
        HeaderValues settings = exchange.getRequestHeaders().get(SETTINGS);
        if (upgrade == null || upgrade.size() != 1 || settings == null || settings.size() != 1) {
            return null;
        }
        if (!upgrade.getFirst().equals(CLEAR) || !exchange.isHttp11() || !exchange.isRequestComplete()) {
            return null;
        }
        try {
            Http2Octets known = new Http2Octets();
            Http2Settings.copy(FlexBase64.decodeURL(settings.getFirst()), known);
            ByteBuffer view = known.view();
            byte[] octets = new byte[view.remaining()];
            view.get(octets);
            return FlexBase64.encodeStringURL(octets, false);
        } catch (IOException e) {
            return null;
        }
    }

    /** Gets the requests of the connection from then on; the first one comes before anything else is read. */
    private final class Upgraded implements HttpHandler {
        private final StreamConnection connection;
        private @Nullable Http2Streams streams;

        Upgraded(StreamConnection connection) {
            this.connection = connection;
        }

        @Override
        public void handleRequest(HttpServerExchange exchange) throws Exception {
            Http2Streams counted = streams;
            if (counted == null) {
                counted = listener.guardUpgraded(connection);
                streams = counted;
                exchange.getConnection().putAttachment(Http2Listener.GUARDED, true);
            }
            count(exchange, counted);
            listener.getRootHandler().handleRequest(exchange);
        }

        private static void count(HttpServerExchange exchange, Http2Streams streams) {
            streams.unnamedBegun();
            exchange.addExchangeCompleteListener((complete, next) -> {
                streams.unnamedComplete();
                next.proceed();
            });
        }
    }
}
