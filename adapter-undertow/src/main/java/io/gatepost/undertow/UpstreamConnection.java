package io.gatepost.undertow;

import io.undertow.protocols.ssl.UndertowXnioSsl;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import org.jspecify.annotations.Nullable;
import org.xnio.StreamConnection;
import org.xnio.ssl.SslConnection;

/** A connection to an upstream, which serves one request after another. Used on its own I/O thread. */
final class UpstreamConnection extends Peer {
    private final @Nullable SSLEngine tls;
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
        super(socket, stream);
        tls = stream instanceof SslConnection ssl ? UndertowXnioSsl.getSslEngine(ssl) : null;
    }

    /** Whether it has served a request before the one under way. */
    boolean isReused() {
        return requests > 1;
    }

    /** Begins a request: says who hears that something can be read, or that the upstream is gone. */
    void begin(Runnable onReadable) {
        rested = idleNanos();
        requests++;
        awaitReadable(onReadable);
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
        awaitReadable(() -> {
            if (!isQuiet() && !isHeldUp()) {
                disturbed.run();
            }
        });
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
}
