package io.gatepost.samples.gateway.server;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * One end of a connection in the warm-up: reads whole messages of HTTP/1.1 and knows of them only where they end. It is
 * simple since the compiler should have little to do with it. Not thread-safe.
 */
final class WarmUpConnection implements AutoCloseable {
    private static final int LONGEST = 16 * 1024;
    private static final String LENGTH = "\r\nContent-Length: ";

    private final SocketChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(LONGEST);
    private final byte[] octets = new byte[LONGEST];

    WarmUpConnection(SocketChannel channel) throws IOException {
        this.channel = channel;
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    void write(byte[] message) throws IOException {
        buffer.clear().put(message).flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /**
     * Reads a message to its end.
     *
     * @throws EOFException where the other end closed instead
     */
    String read() throws IOException {
        int count = 0;
        String message = "";
        do {
            buffer.clear().limit(LONGEST - count);
            int read = channel.read(buffer);
            if (read <= 0) {
                throw new EOFException("a message has no end");
            }
            buffer.flip().get(octets, count, read);
            count += read;
            message = new String(octets, 0, count, StandardCharsets.ISO_8859_1);
        } while (!isWhole(message));
        return message;
    }

    private static boolean isWhole(String message) {
        int head = message.indexOf("\r\n\r\n");
        if (head < 0) {
            return false;
        }
        int length = message.indexOf(LENGTH);
        if (length < 0 || length > head) {
            return message.indexOf("\r\nTransfer-Encoding: ") < 0 || message.endsWith("\r\n0\r\n\r\n");
        }
        int start = length + LENGTH.length();
        return message.length() == head + 4 + Integer.parseInt(message, start, message.indexOf('\r', start), 10);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException gone) {
            // It is closed then.
        }
    }
}
