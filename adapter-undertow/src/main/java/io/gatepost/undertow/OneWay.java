package io.gatepost.undertow;

import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Brings octets from one to the other as they come; what the other does not take stays with the one. On one I/O thread.
 */
final class OneWay {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** How many buffers are moved until others have their turn. */
    private static final int TURN = 16;

    private final Peer from;
    private final Peer to;
    private final ByteBufferPool buffers;
    private final Runnable ended;
    private final Runnable broken;
    private @Nullable PooledByteBuffer pooled;
    private ByteBuffer data = NOTHING;
    private boolean last;
    private boolean over;

    /**
     * @param ended hears that the one's end has been told to the other
     * @param broken hears that one of them is gone
     */
    OneWay(Peer from, Peer to, ByteBufferPool buffers, Runnable ended, Runnable broken) {
        this.from = from;
        this.to = to;
        this.buffers = buffers;
        this.ended = ended;
        this.broken = broken;
    }

    /** Begins with what was read before; null where nothing was. */
    void start(@Nullable PooledByteBuffer read) {
        pooled = read;
        data = read == null ? NOTHING : read.getBuffer();
        from.awaitReadable(this::run);
        run();
    }

    private void run() {
        try {
            for (int i = 0; !over && move(); i++) {
                if (i == TURN) {
                    from.thread().execute(this::run);
                    return;
                }
            }
        } catch (IOException e) {
            stop();
            broken.run();
        }
    }

    /** Returns whether there may be more to move at once. */
    private boolean move() throws IOException {
        if (data.hasRemaining()) {
            return to.write(data) > 0 || waitForOther();
        }
        if (last) {
            return end();
        }
        if (pooled == null) {
            pooled = buffers.allocate();
        }
        ByteBuffer buffer = pooled.getBuffer();
        buffer.clear();
        int count = from.read(buffer);
        data = buffer.flip();
        last = count < 0;
        if (count != 0) {
            return true;
        }
        release();
        from.resumeReads();
        if (to.flush()) {
            to.suspendWrites();
        } else {
            to.awaitWritable(this::run);
        }
        return false;
    }

    private boolean waitForOther() {
        from.suspendReads();
        to.awaitWritable(this::run);
        return false;
    }

    private boolean end() throws IOException {
        from.suspendReads();
        to.shutdownWrites();
        if (!to.flush()) {
            return waitForOther();
        }
        to.suspendWrites();
        stop();
        ended.run();
        return false;
    }

    /** Ends it, wherever it is. */
    void stop() {
        over = true;
        release();
    }

    private void release() {
        data = NOTHING;
        if (pooled != null) {
            pooled.close();
            pooled = null;
        }
    }
}
