package io.gatepost.undertow;

import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.xnio.channels.StreamSinkChannel;

/**
 * Brings a response's body from an upstream to the client: what there is goes out at once, and what the client does not
 * take stays with the upstream. On one I/O thread.
 */
final class ResponsePump {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** What happens on the way. */
    interface Events {
        /** So many octets went on. */
        void moved(int count);

        /** All of it has come; its last octets may still be on their way to the client. */
        void received(boolean leavesConnection);

        /** The client has it all. */
        void delivered();

        /** The upstream broke off, or its body is none. */
        void brokenOff();

        /** The client takes no more. */
        void clientGone();
    }

    private final UpstreamConnection connection;
    private final ResponseBody body;
    private final StreamSinkChannel sink;
    private final ByteBufferPool buffers;
    private final Events events;
    private @Nullable PooledByteBuffer pooled;
    private ByteBuffer data = NOTHING;
    private boolean emptied;
    private boolean ended;
    private boolean finishing;
    private boolean over;

    ResponsePump(
            UpstreamConnection connection,
            ResponseBody body,
            StreamSinkChannel sink,
            ByteBufferPool buffers,
            Events events) {
        this.connection = connection;
        this.body = body;
        this.sink = sink;
        this.buffers = buffers;
        this.events = events;
        sink.getWriteSetter().set(writable -> run());
    }

    /** Begins with what was read behind the head. */
    void start(PooledByteBuffer read) {
        pooled = read;
        emptied = true;
        try {
            take(read.getBuffer());
        } catch (MalformedResponseException e) {
            brokenOff();
            return;
        }
        pump();
    }

    /** Something can be read or written, or one of the sides is gone. */
    void run() {
        if (!over) {
            emptied = false;
            pump();
        }
    }

    private void pump() {
        while (!over) {
            if (!finishing && !sink.isOpen()) {
                clientGone();
            } else if (finishing || (ended && !data.hasRemaining())) {
                finish();
                return;
            } else if (data.hasRemaining() ? !write() : !fill()) {
                return;
            }
        }
    }

    /** Returns whether the client took something. */
    private boolean write() {
        try {
            int count = sink.write(data);
            events.moved(count);
            if (count > 0) {
                return true;
            }
            if (!ended) {
                connection.suspendReads();
            }
            sink.resumeWrites();
        } catch (IOException e) {
            clientGone();
        }
        return false;
    }

    /** Returns whether something was read, or the end; flushes and waits otherwise. */
    private boolean fill() {
        try {
            if (!emptied && read()) {
                return true;
            }
        } catch (IOException e) {
            brokenOff();
            return false;
        }
        release();
        connection.resumeReads();
        flush();
        return false;
    }

    private boolean read() throws IOException {
        if (pooled == null) {
            pooled = buffers.allocate();
        }
        ByteBuffer buffer = pooled.getBuffer();
        buffer.clear();
        int count = connection.read(buffer);
        if (count < 0 && !body.isUntilClose()) {
            throw new IOException("the upstream broke off");
        }
        // After a short read there is nothing more: it is not asked for.
        emptied = buffer.hasRemaining();
        buffer.flip();
        if (count > 0) {
            take(buffer);
        } else if (count < 0) {
            ended = true;
            events.received(false);
        }
        return count != 0;
    }

    private void take(ByteBuffer buffer) throws MalformedResponseException {
        body.decode(buffer);
        data = buffer;
        if (body.isEnded() && !ended) {
            ended = true;
            events.received(body.leavesConnection());
        }
    }

    private void flush() {
        try {
            if (sink.flush()) {
                sink.suspendWrites();
            } else {
                sink.resumeWrites();
            }
        } catch (IOException e) {
            clientGone();
        }
    }

    private void finish() {
        release();
        try {
            if (!finishing) {
                finishing = true;
                sink.shutdownWrites();
            }
            if (!sink.flush()) {
                sink.resumeWrites();
                return;
            }
        } catch (IOException e) {
            clientGone();
            return;
        }
        over = true;
        sink.suspendWrites();
        sink.getWriteSetter().set(null);
        events.delivered();
    }

    private void brokenOff() {
        // What came whole is the client's.
        flush();
        if (!over) {
            stop();
            events.brokenOff();
        }
    }

    private void clientGone() {
        if (!over) {
            stop();
            events.clientGone();
        }
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
