package io.gatepost.samples.gateway.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.undertow.protocols.http2.HpackDecoder;
import io.undertow.protocols.http2.HpackException;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/2 connection on which a test writes what no client library would: frames by hand, names and values as are.
 */
public final class FrameClient implements AutoCloseable {
    public static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    public static final int END_STREAM = 1;
    static final int END_HEADERS = 4;

    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int INITIAL_WINDOW = 4;
    private static final int ACK = 1;
    private static final int PADDED = 8;
    private static final int PRIORITY = 0x20;
    private static final int LARGE = 1 << 30;
    private static final int CANCEL = 8;

    private final Socket socket;
    private final OutputStream out;
    private final HpackDecoder decoder = new HpackDecoder();
    private final Map<Integer, StreamAnswer> answers = new HashMap<>();
    private final Map<Integer, Integer> windows = new HashMap<>();
    private int initialWindow = 65_535;
    private int lastStream = -1;
    private boolean closed;

    /** @param window how much of a stream's body the client takes, and then no more */
    private FrameClient(Socket socket, int window) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        out = socket.getOutputStream();
        byte[] initialWindow = ByteBuffer.allocate(6)
                .putShort((short) INITIAL_WINDOW)
                .putInt(window)
                .array();
        synchronized (out) {
            out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1));
            frame(SETTINGS, 0, 0, initialWindow);
            frame(WINDOW_UPDATE, 0, 0, ByteBuffer.allocate(4).putInt(LARGE).array());
        }
        Thread reader = new Thread(this::read, "http2-client");
        reader.setDaemon(true);
        reader.start();
    }

    /** By prior knowledge. */
    public static FrameClient clear(int port) throws IOException {
        return clear(port, LARGE);
    }

    /** By prior knowledge, and so that no stream gets more than a window. */
    static FrameClient clear(int port, int window) throws IOException {
        return new FrameClient(new Socket(InetAddress.getLoopbackAddress(), port), window);
    }

    /** By ALPN. */
    public static FrameClient tls(int port, SSLContext trusting) throws IOException {
        SSLSocket socket = (SSLSocket) trusting.getSocketFactory().createSocket("localhost", port);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        if (!socket.getApplicationProtocol().equals("h2")) {
            throw new IOException("no HTTP/2");
        }
        return new FrameClient(socket, LARGE);
    }

    /** Opens a stream with names and values as they are given, in turn; returns its number. */
    public int open(boolean end, List<String> headers) throws IOException {
        synchronized (out) {
            lastStream += 2;
            synchronized (answers) {
                answers.put(lastStream, new StreamAnswer());
            }
            frame(HEADERS, END_HEADERS | (end ? END_STREAM : 0), lastStream, HeaderBlock.of(headers));
            return lastStream;
        }
    }

    /** Ends a stream with headers behind its body. */
    public void trailers(int stream, List<String> headers) throws IOException {
        frame(HEADERS, END_HEADERS | END_STREAM, stream, HeaderBlock.of(headers));
    }

    /** Whether the gateway has not ended the connection. */
    public boolean isOpen() {
        synchronized (answers) {
            return !closed;
        }
    }

    /** A request without a body. */
    public int get(String path, String... headers) throws IOException {
        return open(true, request("GET", path, headers));
    }

    public static List<String> request(String method, String path, String... headers) {
        List<String> all =
                new ArrayList<>(List.of(":method", method, ":scheme", "http", ":authority", "a.test", ":path", path));
        all.addAll(List.of(headers));
        return all;
    }

    public void data(int stream, byte[] octets, boolean end) throws IOException {
        frame(DATA, end ? END_STREAM : 0, stream, octets);
    }

    public void reset(int stream) throws IOException {
        frame(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(CANCEL).array());
    }

    public void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        if (type == DATA) {
            awaitWindow(stream, payload.length);
        }
        ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
        frame.putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload);
        synchronized (out) {
            out.write(frame.array());
            out.flush();
        }
    }

    /** Sends no more than the gateway takes (RFC 9113 section 5.2). */
    private void awaitWindow(int stream, int length) throws IOException {
        synchronized (answers) {
            long end = System.nanoTime() + 20_000_000_000L;
            while (!closed && !isOver(stream) && (window(0) < length || window(stream) < length)) {
                if (System.nanoTime() > end) {
                    throw new IOException("the gateway takes no more of stream " + stream);
                }
                try {
                    answers.wait(100);
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
            windows.put(0, window(0) - length);
            windows.put(stream, window(stream) - length);
        }
    }

    private boolean isOver(int stream) {
        StreamAnswer answer = answers.get(stream);
        return answer != null && answer.isOver();
    }

    private int window(int stream) {
        return windows.getOrDefault(stream, stream == 0 ? 65_535 : initialWindow);
    }

    /** Waits until what came on a stream meets a condition, or it is over. */
    public StreamAnswer await(int stream, Duration most, Predicate<StreamAnswer> met)
            throws InterruptedException, TimeoutException {
        long end = System.nanoTime() + most.toNanos();
        synchronized (answers) {
            StreamAnswer answer = answers.get(stream);
            if (answer == null) {
                throw new IllegalArgumentException("no such stream");
            }
            while (!answer.isOver() && !met.test(answer)) {
                long left = (end - System.nanoTime()) / 1_000_000;
                if (closed) {
                    answer.reset = true;
                    return answer;
                }
                if (left <= 0) {
                    throw new TimeoutException("stream " + stream + " has " + answer.headers + " " + answer.body());
                }
                answers.wait(left);
            }
            return answer;
        }
    }

    public StreamAnswer await(int stream) throws InterruptedException, TimeoutException {
        return await(stream, Duration.ofSeconds(20), StreamAnswer::isOver);
    }

    private void read() {
        try {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            while (true) {
                int head = in.readInt();
                int flags = in.readUnsignedByte();
                int stream = in.readInt();
                byte[] payload = in.readNBytes(head >>> 8);
                take(head & 0xff, flags, stream, payload);
            }
        } catch (IOException e) {
            // Its end.
        } finally {
            synchronized (answers) {
                closed = true;
                answers.notifyAll();
            }
        }
    }

    private void take(int type, int flags, int stream, byte[] payload) throws IOException {
        if (type == SETTINGS && flags == 0) {
            for (ByteBuffer settings = ByteBuffer.wrap(payload); settings.hasRemaining(); ) {
                int setting = settings.getShort();
                int value = settings.getInt();
                synchronized (answers) {
                    initialWindow = setting == INITIAL_WINDOW ? value : initialWindow;
                }
            }
            frame(SETTINGS, ACK, 0, new byte[0]);
        } else if (type == PING && flags == 0) {
            frame(PING, ACK, 0, payload);
        } else if (type == GOAWAY) {
            throw new IOException("the gateway ends the connection");
        }
        synchronized (answers) {
            StreamAnswer answer = answers.get(stream);
            if (type == WINDOW_UPDATE) {
                windows.put(stream, window(stream) + ByteBuffer.wrap(payload).getInt());
                answers.notifyAll();
            }
            if (type == HEADERS) {
                decode(content(flags, payload, (flags & PRIORITY) != 0 ? 5 : 0), answer);
            }
            if (answer == null) {
                return;
            }
            if (type == DATA) {
                ByteBuffer content = content(flags, payload, 0);
                answer.body.write(payload, content.position(), content.remaining());
            }
            answer.reset |= type == RST_STREAM;
            answer.whole |= (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
            answers.notifyAll();
        }
    }

    private static ByteBuffer content(int flags, byte[] payload, int skipped) {
        int start = skipped + ((flags & PADDED) != 0 ? 1 : 0);
        int padding = (flags & PADDED) != 0 ? payload[0] & 0xff : 0;
        return ByteBuffer.wrap(payload, start, payload.length - start - padding);
    }

    private void decode(ByteBuffer block, @Nullable StreamAnswer answer) throws IOException {
        decoder.setHeaderEmitter((name, value, never) -> {
            if (answer != null) {
                answer.headers.put(name.toString(), value);
            }
        });
        try {
            decoder.decode(block, false);
        } catch (HpackException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
