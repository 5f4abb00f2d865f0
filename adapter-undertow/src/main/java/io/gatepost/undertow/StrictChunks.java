package io.gatepost.undertow;

import io.undertow.conduits.ChunkedStreamSourceConduit;
import io.undertow.conduits.ReadDataStreamSourceConduit;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.xnio.conduits.StreamSourceConduit;

/**
 * Reads along below Undertow's reader of chunks, which takes a missing size for zero, skips what stands behind a chunk,
 * and ends lines with a line feed alone. Fails at the first octet that RFC 9112 section 7.1 does not allow, before
 * anybody takes the body for whole.
 */
final class StrictChunks extends SingleReads {
    private final HttpServerConnection connection;
    private final ChunkGrammar grammar = new ChunkGrammar();
    private boolean started;
    private boolean broken;

    private StrictChunks(HttpServerConnection connection) {
        super(new ReadDataStreamSourceConduit(connection.getOriginalSourceConduit(), connection));
        this.connection = connection;
    }

    /** To be called before anything has been read. */
    static void guard(HttpServerExchange exchange) {
        if (exchange.getConnection() instanceof HttpServerConnection connection
                && !exchange.isRequestComplete()
                && exchange.getRequestHeaders().contains(Headers.TRANSFER_ENCODING)) {
            StrictChunks checked = new StrictChunks(connection);
            StreamSourceConduit data = new ChunkedStreamSourceConduit(checked, exchange, read -> {
                if (!read.isFinished()) {
                    exchange.setPersistent(false);
                }
                Connectors.terminateRequest(exchange);
            });
            connection.getChannel().getSourceChannel().setConduit(checked.new Data(data));
        }
    }

    /** Undertow's reader closes the connection where it meets an exception, so it meets none, and this one throws. */
    private final class Data extends SingleReads {
        Data(StreamSourceConduit next) {
            super(next);
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            int count = broken ? 0 : super.read(target);
            if (broken) {
                throw new IOException("the body is not chunked as RFC 9112 section 7.1 says");
            }
            return count;
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        // What Undertow's reader gave back has been checked.
        PooledByteBuffer given = started ? connection.getExtraBytes() : null;
        int again = given == null ? 0 : given.getBuffer().remaining();
        started = true;
        int start = target.position();
        int count = super.read(target);
        if (count > again && !isSound(target, start + again)) {
            broken = true;
            target.position(start);
            return 0;
        }
        return count;
    }

    private boolean isSound(ByteBuffer target, int start) {
        int at = start;
        while (at < target.position() && !grammar.isDone() && !grammar.isBroken()) {
            int data = (int) Math.min(grammar.data(), target.position() - at);
            if (data > 0) {
                grammar.pass(data);
                at += data;
            } else {
                grammar.framing(target.get(at) & 0xff);
                at++;
            }
        }
        return !grammar.isBroken();
    }
}
