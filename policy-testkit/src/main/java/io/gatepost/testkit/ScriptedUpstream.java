package io.gatepost.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A server on loopback that notes what it gets to the byte, and answers by a script. Thread-safe. */
public final class ScriptedUpstream implements AutoCloseable {
    private final ServerSocket server;
    private final Script script;
    private final int idleMillis;
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private long bodyBytes;

    /** How to answer. */
    @FunctionalInterface
    public interface Script {
        /**
         * Answers a request that came whole.
         *
         * @param request the request
         * @param out the connection, not buffered
         * @throws ResetException to reset the connection
         * @throws Exception to close the connection
         */
        void answer(Received request, OutputStream out) throws Exception;
    }

    /**
     * A request that came whole.
     *
     * @param head its head
     * @param body its body, out of its framing
     */
    // Nobody compares requests.
    @SuppressWarnings("ArrayRecordComponent")
    public record Received(MessageHead head, byte[] body) {
        /**
         * The body as text.
         *
         * @return the text
         */
        public String text() {
            return new String(body, UTF_8);
        }

        @Override
        public String toString() {
            return head + " with " + body.length + " bytes";
        }
    }

    /** Ends a connection by a reset (RFC 9293 section 3.5), which may cost what was sent before. */
    public static final class ResetException extends Exception {
        private static final long serialVersionUID = 1L;

        /** A reset. */
        public ResetException() {
            super("reset");
        }
    }

    private ScriptedUpstream(Script script, Duration idle) throws IOException {
        this.script = script;
        idleMillis = Math.toIntExact(idle.toMillis());
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    /**
     * Starts.
     *
     * @param script how to answer
     * @return a server; to be closed
     * @throws IOException where there is no port for it
     */
    public static ScriptedUpstream start(Script script) throws IOException {
        return start(script, Duration.ZERO);
    }

    /**
     * Starts a server that closes a connection on which nothing comes.
     *
     * @param script how to answer
     * @param idle for how long nothing may come; zero for as long as it takes
     * @return a server; to be closed
     * @throws IOException where there is no port for it
     */
    public static ScriptedUpstream start(Script script, Duration idle) throws IOException {
        ScriptedUpstream upstream = new ScriptedUpstream(script, idle);
        thread(upstream::accept);
        return upstream;
    }

    /**
     * A script that always sends the same bytes.
     *
     * @param response the whole response, lines ended by {@code \r\n}
     * @return the script
     */
    public static Script always(String response) {
        return (request, out) -> out.write(response.getBytes(ISO_8859_1));
    }

    /**
     * A response with a {@code Content-Length}.
     *
     * @param status code and reason
     * @param body the body
     * @param headers header lines
     * @return the whole response
     */
    public static String response(String status, String body, String... headers) {
        StringBuilder text = new StringBuilder("HTTP/1.1 ").append(status).append("\r\n");
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        return text.append("Content-Length: ")
                .append(body.length())
                .append("\r\n\r\n")
                .append(body)
                .toString();
    }

    private static void thread(Runnable runnable) {
        Thread thread = new Thread(runnable, "scripted-upstream");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket connection = server.accept();
                connection.setTcpNoDelay(true);
                connection.setSoTimeout(idleMillis);
                connections.add(connection);
                if (server.isClosed()) {
                    // An accept that was under way when the server was closed may still bring a connection.
                    connection.close();
                    return;
                }
                thread(() -> serve(connection));
            } catch (IOException e) {
                // Closed.
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            InputStream input = new BufferedInputStream(connection.getInputStream());
            for (Received request = read(input); request != null; request = read(input)) {
                received.add(request);
                answer(request, connection);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            // The other side broke off, or the script does.
        } finally {
            connections.remove(connection);
        }
    }

    private void answer(Received request, Socket connection) throws Exception {
        try {
            script.answer(request, connection.getOutputStream());
        } catch (ResetException e) {
            connection.setSoLinger(true, 0);
            throw e;
        }
    }

    private @Nullable Received read(InputStream input) throws IOException {
        MessageHead head = MessageHead.read(input);
        if (head == null) {
            return null;
        }
        InputStream framed = MessageBody.ofRequest(head, input);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        for (int count = framed.read(buffer); count >= 0; count = framed.read(buffer)) {
            body.write(buffer, 0, count);
            count(count);
        }
        return new Received(head, body.toByteArray());
    }

    private synchronized void count(int bytes) {
        bodyBytes += bytes;
        notifyAll();
    }

    /**
     * Waits until so many bytes of bodies have come, of requests that may still be under way.
     *
     * @param bytes how many
     * @throws InterruptedException where the thread is interrupted
     */
    public synchronized void awaitBodyBytes(long bytes) throws InterruptedException {
        long end = System.nanoTime() + 20_000_000_000L;
        while (bodyBytes < bytes) {
            long millis = (end - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                throw new AssertionError("only " + bodyBytes + " bytes came");
            }
            wait(millis);
        }
    }

    /**
     * Where it listens.
     *
     * @return scheme, host and port
     */
    public URI base() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    /**
     * What came whole so far.
     *
     * @return the requests, in order
     */
    public List<Received> received() {
        return List.copyOf(received);
    }

    /**
     * The one request that came.
     *
     * @return the request
     * @throws AssertionError where none came or several
     */
    public Received only() {
        List<Received> all = received();
        if (all.size() != 1) {
            throw new AssertionError("expected one request at the upstream, found " + all);
        }
        return all.get(0);
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket connection : connections) {
            connection.close();
        }
    }
}
