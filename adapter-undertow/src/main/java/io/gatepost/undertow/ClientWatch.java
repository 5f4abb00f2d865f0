package io.gatepost.undertow;

import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import java.io.IOException;
import org.xnio.conduits.ConduitStreamSourceChannel;

/**
 * Notices that a client goes away while it waits for a response, from the end of its request on. A client that closes
 * only its sending half counts as gone, as it does for other proxies. Of a client that has sent its next request
 * already, and of one that speaks HTTP/2, a failing write tells.
 */
final class ClientWatch {
    private ClientWatch() {}

    /** Watches until the exchange is complete: Undertow then sets its own listener. On the I/O thread. */
    static void start(HttpServerExchange exchange, Runnable gone) {
        if (exchange.getConnection() instanceof HttpServerConnection connection && connection.getExtraBytes() == null) {
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
