package io.gatepost.undertow;

import io.undertow.protocols.http2.ConnectionErrorException;
import io.undertow.protocols.http2.Http2Channel;
import java.util.concurrent.TimeUnit;

/**
 * Counts what costs a client nothing, and ends its connection where that is all it does: frames without a request, and
 * requests that it takes back (CVE-2023-44487, CVE-2019-9512 and the like). Not thread-safe.
 */
final class Http2Flood {
    /** Frames without a request in a window of time. */
    static final int CONTROLS = 1000;

    /** Requests taken back in a window of time. */
    static final int RESETS = 200;

    private static final long WINDOW = TimeUnit.SECONDS.toNanos(30);

    private long begun = System.nanoTime();
    private int controls;
    private int resets;

    void control() throws ConnectionErrorException {
        turn();
        if (++controls > CONTROLS) {
            throw new ConnectionErrorException(Http2Channel.ERROR_ENHANCE_YOUR_CALM);
        }
    }

    void reset() throws ConnectionErrorException {
        turn();
        if (++resets > RESETS) {
            throw new ConnectionErrorException(Http2Channel.ERROR_ENHANCE_YOUR_CALM);
        }
    }

    private void turn() {
        long now = System.nanoTime();
        if (now - begun >= WINDOW) {
            begun = now;
            controls = 0;
            resets = 0;
        }
    }
}
