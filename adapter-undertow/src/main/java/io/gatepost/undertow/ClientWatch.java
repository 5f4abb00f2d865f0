package io.gatepost.undertow;

import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.util.Protocols;
import java.io.IOException;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.conduits.ConduitStreamSourceChannel;

/**
 * Notices that a client goes away while it waits for a response. In HTTP/1.1 from the end of its request on: before,
 * whoever reads the request meets the end. A client that closes only its sending half counts as gone, as it does for
 * other proxies. Of a client that has sent its next request already a failing write tells. In HTTP/2 a stream that is
 * reset, or whose connection ends, is noticed at once.
 */
final class ClientWatch {
    private ClientWatch() {}

    /**
     * Watches an HTTP/2 stream until its exchange is complete; once its response has begun, its writer may hear the
     * same first. On the I/O thread.
     */
    static void stream(HttpServerExchange exchange, Runnable gone) {
        if (!exchange.getProtocol().equals(Protocols.HTTP_2_0)) {
            return;
        }
        Http2Answer answer = exchange.getAttachment(Http2Answer.KEY);
        if (answer != null) {
            answer.onReset(gone);
        }
        ConduitStreamSinkChannel sink = Connectors.getConduitSinkChannel(exchange);
        // A stream that is reset wakes up its writer.
        sink.setWriteListener(channel -> {
            channel.suspendWrites();
            if (!channel.isOpen() && !exchange.isResponseComplete()) {
                gone.run();
            }
        });
        if (!sink.isOpen()) {
            gone.run();
        }
    }

    /** Watches until the exchange is complete: Undertow then sets its own listener. On the I/O thread. */
    static void afterRequest(HttpServerExchange exchange, Runnable gone) {
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
