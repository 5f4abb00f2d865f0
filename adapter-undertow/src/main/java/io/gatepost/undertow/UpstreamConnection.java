package io.gatepost.undertow;

import io.undertow.protocols.ssl.UndertowXnioSsl;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.XnioIoThread;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.conduits.ConduitStreamSourceChannel;
import org.xnio.ssl.SslConnection;

/** A connection to an upstream, which serves one request after another. Used on its own I/O thread. */
final class UpstreamConnection {
    private final StreamConnection socket;
    private final StreamConnection stream;
    private final ConduitStreamSourceChannel source;
    private final ConduitStreamSinkChannel sink;
    private final @Nullable SSLEngine tls;
    private @Nullable Runnable readable;
    private @Nullable Runnable writable;
    private long moved;
    private int requests;
    private long restingSince;
    private long rested;

    /**
     * Takes over an open connection.
     *
     * @param socket what is closed
     * @param stream what is read and written: the socket itself, or TLS over it
     */
    UpstreamConnection(StreamConnection socket, StreamConnection stream) {
        this.socket = socket;
        this.stream = stream;
        source = stream.getSourceChannel();
        sink = stream.getSinkChannel();
        tls = stream instanceof SslConnection ssl ? UndertowXnioSsl.getSslEngine(ssl) : null;
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

    XnioIoThread thread() {
        return socket.getIoThread();
    }

    boolean isOpen() {
        return socket.isOpen();
    }

    /** Whether it has served a request before the one under way. */
    boolean isReused() {
        return requests > 1;
    }

    /** How many octets have gone either way. */
    long moved() {
        return moved;
    }

    /** Begins a request: says who hears that something can be read, or that the upstream is gone. */
    void begin(Runnable onReadable) {
        rested = idleNanos();
        requests++;
        readable = onReadable;
        source.resumeReads();
    }

    /** Reads what there is; -1 at the end. */
    int read(ByteBuffer target) throws IOException {
        int count = source.read(target);
        moved += Math.max(0, count);
        return count;
    }

    long write(ByteBuffer[] octets) throws IOException {
        long count = sink.write(octets, 0, octets.length);
        moved += count;
        return count;
    }

    /** Sees to it that what was written goes out; returns whether it has. */
    boolean flush() throws IOException {
        return sink.flush();
    }

    void suspendReads() {
        source.suspendReads();
    }

    void resumeReads() {
        source.resumeReads();
    }

    /** Says when something can be written again. */
    void awaitWritable(Runnable onWritable) {
        writable = onWritable;
        sink.resumeWrites();
    }

    void suspendWrites() {
        writable = null;
        sink.suspendWrites();
    }

    /** For how long it has had no request, or had none before the one under way. */
    long idleNanos() {
        return rested >= 0 ? rested : System.nanoTime() - restingSince;
    }

    /**
     * Waits for its next request.
     *
     * @param disturbed hears of whatever comes until then, octets or the end, which was asked for by nobody
     */
    void rest(Runnable disturbed) {
        suspendWrites();
        rested = -1;
        restingSince = System.nanoTime();
        readable = () -> {
            if (!isQuiet() && !isHeldUp()) {
                disturbed.run();
            }
        };
        source.resumeReads();
    }

    /** Whether it is open, and nothing lies in it. To be asked right before a request: an event may be on its way. */
    boolean isQuiet() {
        try {
            return socket.isOpen() && source.read(ByteBuffer.allocate(1)) == 0 && !isHeldUp();
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Whether TLS works on a message of its own, such as a session's ticket, and reads nothing behind it until then.
     */
    private boolean isHeldUp() {
        return tls != null && tls.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING;
    }

    /** Ends it at once, without waiting for the other side or for what was not yet sent. */
    void close() {
        readable = null;
        writable = null;
        IoUtils.safeClose(stream, socket);
    }
}
