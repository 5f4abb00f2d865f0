package io.gatepost.undertow;

import io.undertow.protocols.http2.ConnectionErrorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.xnio.conduits.StreamSourceConduit;

/** Stands below Undertow's reader of HTTP/2, which gets no other frames than {@link Http2Frames} lets pass. */
final class Http2Guard extends SingleReads {
    private final Http2Frames frames;
    private final Http2Octets sound;
    private @Nullable ConnectionErrorException end;

    /** @param sound where the frames that pass are put */
    Http2Guard(StreamSourceConduit next, Http2Frames frames, Http2Octets sound) {
        super(next);
        this.frames = frames;
        this.sound = sound;
    }

    /** Takes what was read before. */
    void accept(ByteBuffer octets) {
        try {
            frames.accept(octets);
        } catch (ConnectionErrorException e) {
            // Frames before it are answered first.
            end = e;
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        while (sound.isEmpty()) {
            if (end != null) {
                throw end;
            }
            int start = target.position();
            int count = super.read(target);
            if (count <= 0) {
                return count;
            }
            ByteBuffer octets = target.duplicate();
            octets.limit(target.position()).position(start);
            target.position(start);
            accept(octets);
        }
        int count = sound.takeInto(target);
        if (isWaiting() && next.isReadResumed()) {
            // The socket has nothing more to tell of.
            next.wakeupReads();
        }
        return count;
    }

    private boolean isWaiting() {
        return !sound.isEmpty() || end != null;
    }

    @Override
    public void resumeReads() {
        if (isWaiting()) {
            next.wakeupReads();
        } else {
            next.resumeReads();
        }
    }
}
