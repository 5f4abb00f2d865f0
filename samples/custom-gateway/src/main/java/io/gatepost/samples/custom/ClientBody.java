package io.gatepost.samples.custom;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** A client's body on its way to the upstream. */
final class ClientBody extends FilterInputStream {
    private volatile boolean broken;

    ClientBody(InputStream body) {
        super(body);
    }

    /** Whether the client did not send what it said it would. */
    boolean isBroken() {
        return broken;
    }

    /** Unchecked, since the JDK's client takes an IOException for the body's end. */
    @Override
    public int read(byte[] buffer, int offset, int length) {
        try {
            return in.read(buffer, offset, length);
        } catch (IOException e) {
            broken = true;
            throw new UncheckedIOException(e);
        }
    }
}
