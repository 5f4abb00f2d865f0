package io.gatepost.undertow;

import io.undertow.connector.ByteBufferPool;
import io.undertow.protocols.http2.AbstractHttp2StreamSourceChannel;
import io.undertow.protocols.http2.Http2Channel;
import io.undertow.protocols.http2.Http2StreamSourceChannel;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.StreamConnection;

/** A connection that knows which stream an exchange is of: Undertow's own tells it to nobody. */
final class Http2Requests extends Http2Channel {
    /** How many frames that nobody will send Undertow may keep: it forgets them with the connection only. */
    private static final int MOST_LEFT = 5000;

    private final StreamConnection connection;
    private final Http2Streams streams;
    private @Nullable Http2StreamSourceChannel latest;
    private int left;

    Http2Requests(StreamConnection connection, Http2Streams streams, ByteBufferPool buffers, OptionMap options) {
        super(connection, "h2", buffers, null, false, false, options);
        this.connection = connection;
        this.streams = streams;
    }

    @Override
    public synchronized @Nullable AbstractHttp2StreamSourceChannel receive() throws IOException {
        AbstractHttp2StreamSourceChannel received = super.receive();
        latest = received instanceof Http2StreamSourceChannel request ? request : null;
        return received;
    }

    /** An exchange has begun, of the stream that was received last: its handler is called right then. */
    void begun(HttpServerExchange exchange) {
        Http2StreamSourceChannel request = latest;
        if (request == null) {
            throw new IllegalStateException("an exchange without a stream");
        }
        Http2Answer answer = new Http2Answer(connection, exchange, request.getResponseChannel(), this::left);
        exchange.putAttachment(Http2Answer.KEY, answer);
        int stream = request.getStreamId();
        exchange.addExchangeCompleteListener((complete, next) -> {
            streams.complete(stream);
            next.proceed();
        });
        streams.begun(stream, answer::reset);
    }

    private void left() {
        if (++left > MOST_LEFT) {
            sendGoAway(ERROR_ENHANCE_YOUR_CALM);
            IoUtils.safeClose(connection);
        }
    }
}
