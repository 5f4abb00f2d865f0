package io.gatepost.undertow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;
import org.jspecify.annotations.Nullable;

/** An upstream of plain sockets, which keeps what it gets octet by octet and answers as it is told. */
final class RawUpstream implements AutoCloseable {
    /** How a request is answered; ends with the connection still open. */
    interface Answer {
        void to(Request request, Socket client) throws IOException;
    }

    /** A request that came to its end, its lines and its body without the chunks' framing. */
    record Request(String line, List<String> headers, String body) {
        String target() {
            return line.split(" ", -1)[1];
        }

        List<String> values(String name) {
            return headers.stream()
                    .filter(header -> header.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                    .map(header -> header.substring(name.length() + 1).strip())
                    .toList();
        }
    }

    static final Answer OK = (request, client) ->
            client.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(ISO_8859_1));

    private final ServerSocket server;
    private final Answer answer;
    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
    private final List<Socket> clients = new CopyOnWriteArrayList<>();

    RawUpstream(Answer answer) throws IOException {
        this(answer, ServerSocketFactory.getDefault());
    }

    RawUpstream(Answer answer, ServerSocketFactory sockets) throws IOException {
        this.answer = answer;
        server = sockets.createServerSocket(0, 1000, InetAddress.getLoopbackAddress());
        Thread acceptor = new Thread(this::accept, "raw-upstream");
        acceptor.setDaemon(true);
        acceptor.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    int port() {
        return server.getLocalPort();
    }

    /** The next request that came to its end. */
    Request next() throws InterruptedException {
        Request request = requests.poll(10, TimeUnit.SECONDS);
        if (request == null) {
            throw new AssertionError("no request came to its end");
        }
        return request;
    }

    /** The requests so far that came to their end. */
    List<Request> seen() {
        return List.copyOf(requests);
    }

    int connections() {
        return clients.size();
    }

    /** How the next connection ended; null where none does for a while. */
    @Nullable
    String nextEnd() throws InterruptedException {
        return ends.poll(20, TimeUnit.SECONDS);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                clients.add(client);
                Thread thread = new Thread(() -> serve(client), "raw-upstream-client");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            InputStream in = new BufferedInputStream(client.getInputStream());
            for (Request request = read(in); request != null; request = read(in)) {
                requests.add(request);
                answer.to(request, client);
            }
            ends.add("between requests");
        } catch (IOException broken) {
            ends.add("within a request");
        }
    }

    private static @Nullable Request read(InputStream in) throws IOException {
        String line = line(in);
        if (line == null) {
            return null;
        }
        List<String> headers = new CopyOnWriteArrayList<>();
        for (String header = whole(line(in)); !header.isEmpty(); header = whole(line(in))) {
            headers.add(header);
        }
        Request head = new Request(line, headers, "");
        StringBuilder body = new StringBuilder();
        if (head.values("transfer-encoding").contains("chunked")) {
            for (int size = size(in); size > 0; size = size(in)) {
                body.append(octets(in, size));
                whole(line(in));
            }
            whole(line(in));
        } else if (!head.values("content-length").isEmpty()) {
            body.append(
                    octets(in, Integer.parseInt(head.values("content-length").get(0))));
        }
        return new Request(line, headers, body.toString());
    }

    private static int size(InputStream in) throws IOException {
        return Integer.parseInt(whole(line(in)), 16);
    }

    private static String octets(InputStream in, int count) throws IOException {
        byte[] octets = in.readNBytes(count);
        if (octets.length < count) {
            throw new IOException("ended within a body");
        }
        return new String(octets, ISO_8859_1);
    }

    private static String whole(@Nullable String line) throws IOException {
        if (line == null) {
            throw new IOException("ended within a line");
        }
        return line;
    }

    /** A line without its end; null at the end of the stream. */
    private static @Nullable String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int octet = in.read(); octet >= 0; octet = in.read()) {
            if (octet == '\n' && line.length() > 0 && line.charAt(line.length() - 1) == '\r') {
                return line.substring(0, line.length() - 1);
            }
            line.append((char) octet);
        }
        if (line.length() > 0) {
            throw new IOException("ended within a line");
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket client : clients) {
            client.close();
        }
    }
}
