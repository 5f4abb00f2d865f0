package io.gatepost.policy.forward.jdk;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;

/** A client's body on its way to the upstream. Read by one thread, asked by another. */
final class ClientStream extends FilterInputStream {
    private volatile boolean broken;
    private volatile long lastRead;

    ClientStream(InputStream body) {
        super(new PushbackInputStream(body));
    }

    /** Waits for the first byte where nothing says whether there is one. */
    boolean isEmpty() throws IOException {
        int first = read();
        if (first >= 0) {
            ((PushbackInputStream) in).unread(first);
        }
        return first < 0;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        int count = read(one, 0, 1);
        return count < 0 ? count : one[0] & 0xff;
    }

    // Unchecked, since the JDK's client takes an IOException for the body's end; Jetty's own are unchecked too.
    @Override
    public int read(byte[] buffer, int offset, int length) {
        if (broken) {
            throw new UncheckedIOException(new IOException("the body broke off"));
        }
        try {
            int count = in.read(buffer, offset, length);
            lastRead = System.nanoTime();
            return count;
        } catch (IOException e) {
            broken = true;
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            broken = true;
            throw e;
        }
    }

    /** Whether the client did not send what it said it would. */
    boolean isBroken() {
        return broken;
    }

    /** When something was read, by the clock of {@code System.nanoTime}. */
    long lastRead() {
        return lastRead;
    }
}
