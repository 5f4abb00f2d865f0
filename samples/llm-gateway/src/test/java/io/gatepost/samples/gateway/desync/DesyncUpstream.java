package io.gatepost.samples.gateway.desync;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * An upstream that reads what it gets to the letter, and holds it against what was sent; that answers each request as
 * the request wants it, and leaves its connections in every state there is.
 */
final class DesyncUpstream implements AutoCloseable {
    private final Ledger ledger;
    private final UpstreamAnswers answers;
    private final ServerSocket server = new ServerSocket(0, 1000, InetAddress.getLoopbackAddress());
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();

    /** What came, as far as it did. */
    private static final class Received {
        private String line = "";
        private final List<String> headers = new ArrayList<>();
        private final StringBuilder body = new StringBuilder();

        List<String> values(String name) {
            return headers.stream()
                    .filter(header -> header.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                    .map(header -> header.substring(name.length() + 1).strip())
                    .toList();
        }

        String id() {
            return String.join(",", values("x-id"));
        }

        @Override
        public String toString() {
            return line + " " + headers + " " + body;
        }
    }

    /** What no sender writes who means one request. */
    private static final class UnreadableException extends IOException {
        private static final long serialVersionUID = 1L;

        UnreadableException(String what) {
            super(what);
        }
    }

    DesyncUpstream(Ledger ledger) throws IOException {
        this.ledger = ledger;
        answers = new UpstreamAnswers(ledger);
        daemon(this::accept);
    }

    private static void daemon(Runnable runnable) {
        Thread thread = new Thread(null, runnable, "desync-upstream", 128 * 1024);
        thread.setDaemon(true);
        thread.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                connections.add(socket);
                daemon(() -> serve(socket));
            } catch (IOException e) {
                // Closed.
                return;
            }
        }
    }

    private void serve(Socket socket) {
        Received received = new Received();
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            boolean goesOn = true;
            while (goesOn) {
                received = new Received();
                if (!readHead(in, received)) {
                    return;
                }
                Sent sent = check(received);
                if (sent.behaviour() == Sent.Behaviour.EARLY) {
                    answers.write(sent, socket.getOutputStream());
                }
                readBody(in, received);
                checkEnd(sent, received);
                boolean again = ledger.arrived(sent) > 0;
                if (again
                        && !sent.isRepeatable()
                        && !sent.body().isEmpty()
                        && sent.method().equals("POST")) {
                    ledger.fault("twice at the upstream: " + received);
                }
                boolean dropped = sent.behaviour() == Sent.Behaviour.DROPPED && !again;
                goesOn = sent.behaviour() == Sent.Behaviour.EARLY
                        || (!dropped && answers.write(sent, socket.getOutputStream()));
            }
        } catch (UnreadableException e) {
            ledger.fault(e.getMessage() + " at the upstream: " + received);
        } catch (IOException e) {
            brokeOff(received);
        } finally {
            connections.remove(socket);
        }
    }

    /** Only where its client left, or where the answer came first, may a request end in its middle. */
    private void brokeOff(Received received) {
        Sent sent = ledger.find(received.id());
        if (received.line.isEmpty() && received.headers.isEmpty()) {
            return;
        }
        if (sent == null || (sent.fate() == Sent.Fate.ALLOWED && sent.behaviour() != Sent.Behaviour.EARLY)) {
            ledger.fault("broken off at the upstream: " + received);
        }
    }

    /** Of one that turns out to be none only in its chunks the beginning may come, but never its end. */
    private Sent check(Received received) throws UnreadableException {
        Sent sent = ledger.find(received.id());
        boolean begun = sent != null
                && sent.fate() == Sent.Fate.REFUSED
                && !received.values("transfer-encoding").isEmpty();
        if (sent == null || !(sent.mayArrive() || begun)) {
            throw new UnreadableException("not allowed");
        }
        if (!begun && !received.line.equals(sent.method() + " " + sent.target() + " HTTP/1.1")) {
            throw new UnreadableException("another request line than " + sent.method() + " " + sent.target());
        }
        for (String never : List.of("authorization", "x-hop", "te", "x-evil")) {
            if (!received.values(never).isEmpty()) {
                throw new UnreadableException("header " + never);
            }
        }
        return sent;
    }

    private static void checkEnd(Sent sent, Received received) throws UnreadableException {
        if (!sent.mayArrive()) {
            throw new UnreadableException("not allowed");
        }
        if (!received.body.toString().equals(sent.body())) {
            throw new UnreadableException("another body than " + sent.body());
        }
    }

    private static boolean readHead(InputStream in, Received received) throws IOException {
        String line = line(in);
        if (line == null) {
            return false;
        }
        received.line = line;
        for (String header = whole(in); !header.isEmpty(); header = whole(in)) {
            if (!header.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+: ?[\\t\\x20-\\x7e\\x80-\\xff]*")) {
                throw new UnreadableException("no header `" + header + "`");
            }
            received.headers.add(header);
        }
        return true;
    }

    private static void readBody(InputStream in, Received received) throws IOException {
        List<String> lengths = received.values("content-length");
        List<String> codings = received.values("transfer-encoding");
        if (lengths.size() + codings.size() > 1) {
            throw new UnreadableException("two framings");
        }
        if (!codings.isEmpty()) {
            if (!codings.equals(List.of("chunked"))) {
                throw new UnreadableException("an unknown coding");
            }
            for (int size = size(whole(in)); size > 0; size = size(whole(in))) {
                read(in, size, received.body);
                expectEmpty(whole(in));
            }
            expectEmpty(whole(in));
        } else if (!lengths.isEmpty()) {
            read(in, Integer.parseInt(lengths.get(0)), received.body);
        }
    }

    private static int size(String line) throws IOException {
        if (!line.matches("[0-9a-f]{1,7}")) {
            throw new UnreadableException("no chunk's size `" + line + "`");
        }
        return Integer.parseInt(line, 16);
    }

    private static void expectEmpty(String line) throws IOException {
        if (!line.isEmpty()) {
            throw new UnreadableException("`" + line + "` behind a chunk");
        }
    }

    private static void read(InputStream in, int count, StringBuilder body) throws IOException {
        byte[] octets = in.readNBytes(count);
        body.append(new String(octets, ISO_8859_1));
        if (octets.length < count) {
            throw new IOException("ended within a body");
        }
    }

    private static String whole(InputStream in) throws IOException {
        String line = line(in);
        if (line == null) {
            throw new IOException("ended within a head");
        }
        return line;
    }

    /** A line without its end; null at the end of the stream. */
    private static @Nullable String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int octet = in.read(); octet >= 0; octet = in.read()) {
            if (octet == '\r') {
                if (in.read() != '\n') {
                    throw new UnreadableException("a carriage return alone behind `" + line + "`");
                }
                return line.toString();
            }
            if (octet == '\n' || octet == 0) {
                throw new UnreadableException("octet " + octet + " behind `" + line + "`");
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
        for (Socket connection : connections) {
            connection.close();
        }
    }
}
