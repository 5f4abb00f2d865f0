package io.gatepost.undertow;

import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.util.Protocols;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.xnio.conduits.ConduitStreamSourceChannel;

/**
 * Notices that a client goes away while it waits for a response, from the end of its request on. A client that closes
 * only its sending half counts as gone, as it does for other proxies. Of a client that has sent its next request
 * already a failing write tells. In HTTP/2 a stream that is reset, or whose connection ends, is noticed within a
 * second.
 */
final class ClientWatch {
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private ClientWatch() {}

    /** Watches until the exchange is complete: Undertow then sets its own listener. On the I/O thread. */
    static void start(HttpServerExchange exchange, Runnable gone) {
        if (exchange.getProtocol().equals(Protocols.HTTP_2_0)) {
            look(exchange, gone);
        } else if (exchange.getConnection() instanceof HttpServerConnection connection
                && connection.getExtraBytes() == null) {
            ConduitStreamSourceChannel source = connection.getChannel().getSourceChannel();
            source.setReadListener(channel -> {
                if (!exchange.isComplete()) {
                    read(connection, gone);
                }
            });
            // The channel's own conduit ends with the request.
            connection.getOriginalSourceConduit().resumeReads();
        }
    }

    /** Undertow closes a stream without telling anybody. */
    private static void look(HttpServerExchange exchange, Runnable gone) {
        if (exchange.isResponseComplete()) {
            return;
        }
        if (Connectors.getConduitSinkChannel(exchange).isOpen()) {
            exchange.getIoThread()
                    .executeAfter(() -> look(exchange, gone), LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        } else {
            gone.run();
        }
    }

    private static void read(HttpServerConnection connection, Runnable gone) {
        PooledByteBuffer pooled = connection.getByteBufferPool().allocate();
        int count = -1;
        try {
            count = connection.getOriginalSourceConduit().read(pooled.getBuffer());
        } catch (IOException e) {
            // As good as the end.
        }
        if (count > 0) {
            connection.getOriginalSourceConduit().suspendReads();
            pooled.getBuffer().flip();
            connection.ungetRequestBytes(pooled);
            return;
        }
        pooled.close();
        if (count < 0) {
            connection.getOriginalSourceConduit().suspendReads();
            gone.run();
        }
    }
}
