package io.gatepost.samples.gateway.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;

/** An upstream that begins to answer, or not even that, and then works until its connection is closed. */
final class HeldUpstream implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 1000, InetAddress.getLoopbackAddress());
    private final String begin;
    private final List<Socket> connections = new CopyOnWriteArrayList<>();

    /** Heads that came. */
    final BlockingQueue<String> heads = new LinkedBlockingQueue<>();

    /** Connections that ended. */
    final BlockingQueue<Socket> ended = new LinkedBlockingQueue<>();

    HeldUpstream(String begin) throws IOException {
        this.begin = begin;
        daemon(this::accept);
    }

    private static void daemon(Runnable runnable) {
        Thread thread = new Thread(runnable, "held-upstream");
        thread.setDaemon(true);
        thread.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    /** How many connections have not ended. */
    int open() {
        return connections.size() - ended.size();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                connections.add(socket);
                daemon(() -> hold(socket));
            } catch (IOException e) {
                // Closed.
                return;
            }
        }
    }

    private void hold(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            for (int octet = in.read(); octet >= 0; octet = in.read()) {
                head.append((char) octet);
                if (head.length() >= 4 && head.substring(head.length() - 4).equals("\r\n\r\n")) {
                    break;
                }
            }
            socket.getOutputStream().write(begin.getBytes(ISO_8859_1));
            heads.add(head.toString());
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // As good as the end.
        }
        ended.add(socket);
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket connection : connections) {
            connection.close();
        }
    }
}
