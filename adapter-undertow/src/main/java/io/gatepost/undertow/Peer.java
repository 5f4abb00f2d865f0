package io.gatepost.undertow;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.XnioIoThread;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.conduits.ConduitStreamSourceChannel;

/** A connection to somebody, octet by octet. Used on its own I/O thread. */
class Peer {
    final StreamConnection socket;
    final ConduitStreamSourceChannel source;
    private final StreamConnection stream;
    private final ConduitStreamSinkChannel sink;
    private @Nullable Runnable readable;
    private @Nullable Runnable writable;
    private long moved;

    /**
     * Takes over an open connection.
     *
     * @param socket what is closed
     * @param stream what is read and written: the socket itself, or TLS over it
     */
    Peer(StreamConnection socket, StreamConnection stream) {
        this.socket = socket;
        this.stream = stream;
        source = stream.getSourceChannel();
        sink = stream.getSinkChannel();
        source.setReadListener(channel -> run(readable));
        sink.setWriteListener(channel -> run(writable));
        // A reset ends it also where nobody reads just now; a read then meets the end.
        socket.setCloseListener(channel -> run(readable));
    }

    private static void run(@Nullable Runnable event) {
        if (event != null) {
            event.run();
        }
    }

    final XnioIoThread thread() {
        return socket.getIoThread();
    }

    final boolean isOpen() {
        return socket.isOpen();
    }

    /** How many octets have gone either way. */
    final long moved() {
        return moved;
    }

    /** Says who hears from now on that something can be read, or that the other side is gone. */
    final void awaitReadable(Runnable onReadable) {
        readable = onReadable;
        source.resumeReads();
    }

    /** Reads what there is; -1 at the end. */
    final int read(ByteBuffer target) throws IOException {
        int count = source.read(target);
        moved += Math.max(0, count);
        return count;
    }

    final long write(ByteBuffer... octets) throws IOException {
        long count = sink.write(octets, 0, octets.length);
        moved += count;
        return count;
    }

    /** Sees to it that what was written goes out; returns whether it has. */
    final boolean flush() throws IOException {
        return sink.flush();
    }

    /** Nothing more will be written; to be flushed. */
    final void shutdownWrites() throws IOException {
        sink.shutdownWrites();
    }

    final void suspendReads() {
        source.suspendReads();
    }

    final void resumeReads() {
        source.resumeReads();
    }

    /** Says when something can be written again. */
    final void awaitWritable(Runnable onWritable) {
        writable = onWritable;
        sink.resumeWrites();
    }

    final void suspendWrites() {
        writable = null;
        sink.suspendWrites();
    }

    /** Ends it at once, without waiting for the other side or for what was not yet sent. */
    final void close() {
        readable = null;
        writable = null;
        IoUtils.safeClose(stream, socket);
    }
}
