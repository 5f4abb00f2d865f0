package io.gatepost.undertow;

import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.util.ImmediatePooledByteBuffer;
import io.undertow.util.Protocols;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.conduits.ConduitStreamSourceChannel;
import org.xnio.conduits.StreamSourceConduit;

/**
 * Notices that a client goes away while it waits for a response. In HTTP/1.1 from the end of its request on: before,
 * whoever reads the request meets the end. A client that closes only its sending half counts as gone, as it does for
 * other proxies, also behind a request that it has sent ahead. In HTTP/2 a stream that is reset, or whose connection
 * ends, is noticed at once.
 */
final class ClientWatch {
    /** How much of further requests is read while one is under way. */
    private static final int SENT_AHEAD = 64 * 1024;

    private ClientWatch() {}

    /** Watches an HTTP/2 stream until its response begins, whose writer then hears the same. On the I/O thread. */
    static void stream(HttpServerExchange exchange, Runnable gone) {
        if (!exchange.getProtocol().equals(Protocols.HTTP_2_0)) {
            return;
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
        if (exchange.getConnection() instanceof HttpServerConnection connection) {
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

    /** What a client sends ahead is kept for later, and says nothing of whether it stays. */
    private static void read(HttpServerConnection connection, Runnable gone) {
        StreamSourceConduit source = connection.getOriginalSourceConduit();
        PooledByteBuffer early = connection.getExtraBytes();
        int kept = early == null ? 0 : early.getBuffer().remaining();
        if (kept >= SENT_AHEAD) {
            source.suspendReads();
            return;
        }
        int count = -1;
        try (PooledByteBuffer pooled = connection.getByteBufferPool().allocate()) {
            ByteBuffer read = pooled.getBuffer();
            count = source.read(read);
            if (count > 0) {
                ByteBuffer all = ByteBuffer.allocate(kept + count);
                if (early != null) {
                    all.put(early.getBuffer());
                    early.close();
                }
                all.put(read.flip()).flip();
                connection.setExtraBytes(new ImmediatePooledByteBuffer(all));
            }
        } catch (IOException e) {
            // As good as the end.
        }
        if (count < 0) {
            source.suspendReads();
            gone.run();
        }
    }
}
