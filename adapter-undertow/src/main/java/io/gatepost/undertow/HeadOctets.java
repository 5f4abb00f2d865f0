package io.gatepost.undertow;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.xnio.conduits.StreamSourceConduit;

/**
 * Knows whether a connection of HTTP/1.1 is between two exchanges, where its parser reads a head, and counts what has
 * been read since the last one. On its I/O thread, but for exchanges elsewhere.
 */
final class HeadOctets extends SingleReads {
    private volatile long count;
    private volatile boolean betweenExchanges = true;

    HeadOctets(StreamSourceConduit next, int read) {
        super(next);
        count = read;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int read = super.read(target);
        if (read > 0) {
            count(read);
        }
        return read;
    }

    // One thread reads at a time.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void count(int read) {
        count += read;
    }

    /** The parser has read a head: the connection belongs to an exchange, or to what the exchange makes of it. */
    void end() {
        betweenExchanges = false;
    }

    /** The exchange is complete, and another head may begin. */
    void begin() {
        count = 0;
        betweenExchanges = true;
    }

    /** Whether nobody but the parser can write to the client. */
    boolean areBetweenExchanges() {
        return betweenExchanges;
    }

    long count() {
        return count;
    }
}
