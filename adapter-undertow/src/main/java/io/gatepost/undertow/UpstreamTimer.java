package io.gatepost.undertow;

import io.gatepost.undertow.UpstreamCall.Failure;
import io.undertow.server.ConduitWrapper;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.ConduitFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.xnio.channels.StreamSourceChannel;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.StreamSinkConduit;

/** Takes the times of one request to an upstream, and tells them once. On one I/O thread. */
final class UpstreamTimer {
    private final HttpServerExchange exchange;
    private final String target;
    private final UpstreamListener listener;
    private final long start = System.nanoTime();
    private long firstByte;
    private int status;
    private @Nullable Failure failure;
    private boolean told;

    UpstreamTimer(HttpServerExchange exchange, String target, UpstreamListener listener) {
        this.exchange = exchange;
        this.target = target;
        this.listener = listener;
    }

    /** The head of the response is there, its body still to come through the exchange's response channel. */
    void answered(int status) {
        this.status = status;
        exchange.addResponseWrapper(new FirstByte());
    }

    /** The first failure counts: what follows follows from it. */
    void failed(Failure failure) {
        this.failure = this.failure == null ? failure : this.failure;
    }

    void ended() {
        if (told) {
            return;
        }
        told = true;
        int query = target.indexOf('?');
        listener.ended(
                exchange,
                new UpstreamCall(
                        exchange.getRequestMethod().toString(),
                        query < 0 ? target : target.substring(0, query),
                        status,
                        failure,
                        firstByte == 0 ? null : Duration.ofNanos(firstByte - start),
                        Duration.ofNanos(System.nanoTime() - start)));
    }

    private void moved(long bytes) {
        if (bytes > 0 && firstByte == 0) {
            firstByte = System.nanoTime();
        }
    }

    /** Sees the body's bytes on their way to the client. */
    private final class FirstByte implements ConduitWrapper<StreamSinkConduit> {
        @Override
        public StreamSinkConduit wrap(ConduitFactory<StreamSinkConduit> factory, HttpServerExchange wrapped) {
            return new Watched(factory.create());
        }
    }

    private final class Watched extends AbstractStreamSinkConduit<StreamSinkConduit> {
        Watched(StreamSinkConduit next) {
            super(next);
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            int written = super.write(source);
            moved(written);
            return written;
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
            long written = super.write(sources, offset, length);
            moved(written);
            return written;
        }

        @Override
        public int writeFinal(ByteBuffer source) throws IOException {
            int written = super.writeFinal(source);
            moved(written);
            return written;
        }

        @Override
        public long writeFinal(ByteBuffer[] sources, int offset, int length) throws IOException {
            long written = super.writeFinal(sources, offset, length);
            moved(written);
            return written;
        }

        @Override
        public long transferFrom(FileChannel source, long position, long count) throws IOException {
            long written = super.transferFrom(source, position, count);
            moved(written);
            return written;
        }

        @Override
        public long transferFrom(StreamSourceChannel source, long count, ByteBuffer through) throws IOException {
            long written = super.transferFrom(source, count, through);
            moved(written);
            return written;
        }
    }
}
