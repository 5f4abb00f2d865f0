package io.gatepost.undertow;

import io.undertow.protocols.http2.Http2HeadersStreamSinkChannel;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;

/**
 * A stream's exchange and what it answers into. Undertow does not close the latter where a frame of it waits to be sent
 * when the stream is reset, so that nobody would hear of it. On the connection's I/O thread.
 */
final class Http2Answer {
    static final AttachmentKey<Http2Answer> KEY = AttachmentKey.create(Http2Answer.class);

    private static final long AGAIN_MILLIS = 100;

    private final StreamConnection connection;
    private final Runnable left;
    private final HttpServerExchange exchange;
    private final Http2HeadersStreamSinkChannel sink;
    private @Nullable Runnable gone;

    /** @param left is told where Undertow keeps what nobody will send */
    Http2Answer(
            StreamConnection connection,
            HttpServerExchange exchange,
            Http2HeadersStreamSinkChannel sink,
            Runnable left) {
        this.connection = connection;
        this.left = left;
        this.exchange = exchange;
        this.sink = sink;
    }

    /** @param gone is run where the stream is reset before the exchange is complete */
    void onReset(Runnable gone) {
        this.gone = gone;
    }

    /** The stream was reset, by either side. */
    void reset() {
        boolean waits = sink.isOpen() && sink.isReadyForFlush();
        if (!exchange.isComplete()) {
            if (gone != null) {
                gone.run();
            }
            if (waits) {
                Exchanges.abandon(exchange);
            }
        }
        if (waits) {
            close();
        }
    }

    /** A frame that is half in the socket has to go out whole, or the next one would be read as a part of it. */
    private void close() {
        if (!connection.isOpen()) {
            return;
        }
        if (sink.isReadyForFlush() && connection.getSinkChannel().isWriteResumed()) {
            connection.getIoThread().executeAfter(this::close, AGAIN_MILLIS, TimeUnit.MILLISECONDS);
            return;
        }
        boolean waits = sink.isReadyForFlush();
        IoUtils.safeClose(sink);
        // Undertow keeps it in its list of frames that wait, and with it all that it refers to.
        sink.getWriteSetter().set(null);
        sink.setCompletionListener(null);
        sink.setTrailersProducer(null);
        if (waits) {
            left.run();
        }
    }
}
