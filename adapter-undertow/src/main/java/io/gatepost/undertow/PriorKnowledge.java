package io.gatepost.undertow;

import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.DelegateOpenListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.XnioExecutor;
import org.xnio.channels.StreamSourceChannel;

/** Tells by a connection's first octets which protocol it speaks (RFC 9113 section 3.3). */
final class PriorKnowledge implements ChannelListener<StreamConnection> {
    /** No request of HTTP/1.1 begins so. */
    private static final byte[] BEGINNING = "PRI * HTTP/2.0\r\n".getBytes(StandardCharsets.US_ASCII);

    private final DelegateOpenListener http2;
    private final DelegateOpenListener http1;
    private final ByteBufferPool buffers;
    private final Http2Limits limits;

    PriorKnowledge(DelegateOpenListener http2, DelegateOpenListener http1, ByteBufferPool buffers, Http2Limits limits) {
        this.http2 = http2;
        this.http1 = http1;
        this.buffers = buffers;
        this.limits = limits;
    }

    @Override
    public void handleEvent(StreamConnection connection) {
        Beginning beginning = new Beginning(connection);
        connection.getSourceChannel().setReadListener(beginning);
        beginning.handleEvent(connection.getSourceChannel());
    }

    private final class Beginning implements ChannelListener<StreamSourceChannel> {
        private final StreamConnection connection;
        private @Nullable PooledByteBuffer read;
        private XnioExecutor.@Nullable Key timer;

        Beginning(StreamConnection connection) {
            this.connection = connection;
            within(limits.idleTimeout());
        }

        @Override
        public void handleEvent(StreamSourceChannel source) {
            try {
                boolean first = read == null;
                PooledByteBuffer octets = read == null ? buffers.allocate() : read;
                read = octets;
                int count = source.read(octets.getBuffer());
                DelegateOpenListener chosen = chosen(octets.getBuffer());
                if (count < 0) {
                    close();
                } else if (chosen != null) {
                    source.suspendReads();
                    source.getReadSetter().set(null);
                    stop();
                    octets.getBuffer().flip();
                    read = null;
                    chosen.handleEvent(connection, octets);
                } else {
                    if (octets.getBuffer().position() == 0) {
                        // A connection that says nothing holds no buffer.
                        read = null;
                        octets.close();
                    } else if (first) {
                        within(limits.headTimeout());
                    }
                    source.resumeReads();
                }
            } catch (IOException e) {
                close();
            }
        }

        private @Nullable DelegateOpenListener chosen(ByteBuffer octets) {
            for (int i = 0; i < octets.position() && i < BEGINNING.length; i++) {
                if (octets.get(i) != BEGINNING[i]) {
                    return http1;
                }
            }
            return octets.position() < BEGINNING.length ? null : http2;
        }

        private void within(Duration time) {
            stop();
            timer = connection.getIoThread().executeAfter(this::close, time.toMillis(), TimeUnit.MILLISECONDS);
        }

        private void stop() {
            if (timer != null) {
                timer.remove();
                timer = null;
            }
        }

        private void close() {
            stop();
            if (read != null) {
                read.close();
                read = null;
            }
            IoUtils.safeClose(connection);
        }
    }
}
