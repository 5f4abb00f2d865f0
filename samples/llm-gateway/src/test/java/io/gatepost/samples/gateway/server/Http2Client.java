package io.gatepost.samples.gateway.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.undertow.protocols.http2.HpackDecoder;
import io.undertow.protocols.http2.HpackException;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** An HTTP/2 connection on which a test writes frames as no client library would. */
final class Http2Client implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RESET = 3;
    static final int SETTINGS = 4;
    static final int PUSH_PROMISE = 5;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;
    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;
    static final int PADDED = 8;

    private final Socket socket;
    private final DataInputStream in;
    private final HpackDecoder decoder = new HpackDecoder();
    private final Map<Integer, Answer> answers = new HashMap<>();
    private boolean gone;

    /** What came on a stream; {@code reset} also where the whole connection ended. */
    record Answer(@Nullable String status, String body, boolean ended, boolean reset) {
        static final Answer NONE = new Answer(null, "", false, false);
    }

    private Http2Client(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
    }

    /** Says the preface, and that it has no settings. */
    static Http2Client connect(int port, @Nullable SSLContext tls) throws IOException {
        Http2Client client = silent(port, tls);
        client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1));
        return client.frame(SETTINGS, 0, 0, new byte[0]);
    }

    static Http2Client silent(int port, @Nullable SSLContext tls) throws IOException {
        if (tls == null) {
            return new Http2Client(new Socket(InetAddress.getLoopbackAddress(), port));
        }
        SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        return new Http2Client(socket);
    }

    Http2Client send(byte[] octets) throws IOException {
        socket.getOutputStream().write(octets);
        return this;
    }

    Http2Client frame(int type, int flags, int stream, byte[] payload) throws IOException {
        return send(frameOf(type, flags, stream, payload));
    }

    static byte[] frameOf(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .putInt((payload.length << 8) | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** Fields one after the other, names and values in turn. */
    static byte[] block(String... fields) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < fields.length; i += 2) {
            out.write(0);
            text(out, fields[i]);
            text(out, fields[i + 1]);
        }
        return out.toByteArray();
    }

    private static void text(ByteArrayOutputStream out, String text) {
        byte[] octets = text.getBytes(ISO_8859_1);
        int rest = octets.length;
        if (rest >= 127) {
            out.write(127);
            for (rest -= 127; rest >= 128; rest >>>= 7) {
                out.write((rest & 0x7f) | 0x80);
            }
        }
        out.write(rest);
        out.writeBytes(octets);
    }

    static byte[] get(String path, String... more) {
        return request("GET", path, more);
    }

    static byte[] request(String method, String path, String... more) {
        String[] fields = new String[8 + more.length];
        System.arraycopy(
                new String[] {":method", method, ":scheme", "http", ":authority", "a.test", ":path", path},
                0,
                fields,
                0,
                8);
        System.arraycopy(more, 0, fields, 8, more.length);
        return block(fields);
    }

    /** Awaits how a stream ends. */
    Answer answer(int stream) throws IOException {
        Answer answer = answers.getOrDefault(stream, Answer.NONE);
        while (!answer.ended() && !answer.reset()) {
            if (gone) {
                return new Answer(answer.status(), answer.body(), false, true);
            }
            next();
            answer = answers.getOrDefault(stream, Answer.NONE);
        }
        return answer;
    }

    /** Awaits the end of the connection; the code of its GOAWAY, negative where there was none. */
    int end() throws IOException {
        int code = -1;
        while (true) {
            int came = next();
            if (came == END) {
                return code;
            }
            code = came == NOTHING ? code : came;
        }
    }

    private static final int NOTHING = -1;
    private static final int END = -2;

    /** Takes a frame; the code of a GOAWAY. */
    private int next() throws IOException {
        int lengthAndType;
        try {
            lengthAndType = in.readInt();
        } catch (java.net.SocketTimeoutException silence) {
            throw silence;
        } catch (IOException closed) {
            gone = true;
            return END;
        }
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        byte[] payload = in.readNBytes(lengthAndType >>> 8);
        Answer before = answers.getOrDefault(stream, Answer.NONE);
        boolean ends = (flags & END_STREAM) != 0;
        switch (lengthAndType & 0xff) {
            case DATA ->
                answers.put(
                        stream,
                        new Answer(before.status(), before.body() + new String(payload, ISO_8859_1), ends, false));
            case HEADERS -> {
                String status = status(payload);
                answers.put(stream, status.startsWith("1") ? before : new Answer(status, "", ends, false));
            }
            case RESET -> answers.put(stream, new Answer(before.status(), before.body(), false, true));
            case GOAWAY -> {
                gone = true;
                return ByteBuffer.wrap(payload).getInt(4);
            }
            default -> {}
        }
        return NOTHING;
    }

    private String status(byte[] block) throws IOException {
        String[] status = {"none"};
        decoder.setHeaderEmitter((name, value, never) -> {
            if (name.equalToString(":status")) {
                status[0] = value;
            }
        });
        try {
            decoder.decode(ByteBuffer.wrap(block), false);
        } catch (HpackException e) {
            throw new IOException(e);
        }
        return status[0];
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
