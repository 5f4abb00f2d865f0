package io.gatepost.undertow;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.xnio.conduits.StreamSourceConduit;

/**
 * Counts what has been read since the last exchange of a connection. On its I/O thread, but for exchanges elsewhere.
 */
final class HeadOctets extends SingleReads {
    private volatile long count;

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

    /** Another head may begin. */
    void begin() {
        count = 0;
    }

    long count() {
        return count;
    }
}
