package io.gatepost.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jose4j.json.JsonUtil;
import org.jose4j.lang.JoseException;

/** One connection to a server, on which whatever a test wants is sent, well-formed or not. Not thread-safe. */
public final class WireClient implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 20_000;

    private final Socket socket;
    private final InputStream input;

    private WireClient(Socket socket) throws IOException {
        this.socket = socket;
        input = new BufferedInputStream(socket.getInputStream());
    }

    /**
     * A response.
     *
     * @param interim the status codes of the 1xx responses before it
     * @param head its head
     * @param body its body, out of its framing
     */
    // Nobody compares responses.
    @SuppressWarnings("ArrayRecordComponent")
    public record Response(List<Integer> interim, MessageHead head, byte[] body) {
        /**
         * The status code.
         *
         * @return such as 200
         */
        public int status() {
            return head.status();
        }

        /**
         * The body as text.
         *
         * @return the text
         */
        public String text() {
            return new String(body, UTF_8);
        }

        /**
         * The {@code error} member of a body in OpenAI's error shape.
         *
         * @return its members
         */
        @SuppressWarnings("unchecked")
        public Map<String, Object> error() {
            try {
                Object error = JsonUtil.parseJson(text()).get("error");
                if (error instanceof Map) {
                    return (Map<String, Object>) error;
                }
            } catch (JoseException e) {
                // As good as none.
            }
            throw new AssertionError("no error in OpenAI's shape: " + text());
        }
    }

    /**
     * Connects.
     *
     * @param address the server
     * @return the connection; to be closed
     */
    public static WireClient connect(InetSocketAddress address) {
        try {
            Socket socket = new Socket(address.getAddress(), address.getPort());
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.setTcpNoDelay(true);
            return new WireClient(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Sends a head with the given lines and an empty one after them.
     *
     * @param requestLine the request line
     * @param headers the header lines
     * @return this
     * @throws IOException where the server has closed the connection
     */
    public WireClient head(String requestLine, String... headers) throws IOException {
        StringBuilder head = new StringBuilder(requestLine).append("\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        return send(head.append("\r\n").toString().getBytes(ISO_8859_1));
    }

    /**
     * Sends bytes as they are.
     *
     * @param bytes the bytes
     * @return this
     * @throws IOException where the server has closed the connection
     */
    public WireClient send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /**
     * Awaits the head of the next response, 1xx among them.
     *
     * @return the head
     * @throws IOException where the server closes the connection first
     */
    public MessageHead awaitHead() throws IOException {
        MessageHead head = MessageHead.read(input);
        if (head == null) {
            throw new EOFException("no response");
        }
        return head;
    }

    /**
     * The body after a head, as it comes.
     *
     * @param head the response's head
     * @return the body out of its framing; fails with an {@code IOException} where it breaks off
     */
    public InputStream body(MessageHead head) {
        return MessageBody.ofResponse(head, false, input);
    }

    /**
     * Awaits a whole response.
     *
     * @return the next final response
     * @throws IOException where the connection ends within it
     */
    public Response response() throws IOException {
        return response(false);
    }

    /**
     * Awaits a response to a HEAD request.
     *
     * @return the next final response, which has no body
     * @throws IOException where the connection ends within it
     */
    public Response responseToHead() throws IOException {
        return response(true);
    }

    private Response response(boolean toHead) throws IOException {
        List<Integer> interim = new ArrayList<>();
        MessageHead head = awaitHead();
        for (; head.status() < 200; head = awaitHead()) {
            interim.add(head.status());
        }
        return new Response(
                interim,
                head,
                MessageBody.ofResponse(head, toHead, input).readAllBytes());
    }

    /** Breaks the connection off. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
