package io.gatepost.samples.gateway.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Answers what the warm-up's gateway sends on, on a loopback port of its own: always the same, whole or in chunks. */
final class WarmUpUpstream implements AutoCloseable {
    /** What a target contains that is answered by server-sent events. */
    static final String STREAM = "/stream";

    private static final String ANSWER =
            "{\"object\":\"chat.completion\",\"choices\":[" + "\"warm-up\",".repeat(90) + "1]}";
    private static final byte[] WHOLE = octets("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
            + ANSWER.length() + "\r\n\r\n" + ANSWER);
    private static final byte[] HEAD =
            octets("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
    private static final byte[] CHUNK = octets("d\r\ndata: event\n\n\r\n");
    private static final byte[] LAST = octets("0\r\n\r\n");

    private final ServerSocketChannel server;
    private final Set<WarmUpConnection> connections = ConcurrentHashMap.newKeySet();
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    WarmUpUpstream() throws IOException {
        server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        start(this::accept);
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private void start(Runnable task) {
        Thread thread = new Thread(task, "warm-up-upstream");
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.socket().getLocalPort());
    }

    private void accept() {
        try {
            while (!closed) {
                WarmUpConnection connection = new WarmUpConnection(server.accept());
                connections.add(connection);
                start(() -> answer(connection));
            }
        } catch (IOException ended) {
            // Closed.
        }
        connections.forEach(WarmUpConnection::close);
    }

    private void answer(WarmUpConnection connection) {
        try (connection) {
            while (!closed) {
                if (connection.read().contains(STREAM)) {
                    connection.write(HEAD);
                    connection.write(CHUNK);
                    connection.write(CHUNK);
                    connection.write(LAST);
                } else {
                    connection.write(WHOLE);
                }
            }
        } catch (IOException ended) {
            // The gateway needs it no longer.
        } finally {
            connections.remove(connection);
        }
    }

    /** Its threads have ended then. */
    @Override
    public void close() {
        closed = true;
        try {
            server.close();
        } catch (IOException gone) {
            // It is closed then.
        }
        connections.forEach(WarmUpConnection::close);
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
    }
}
