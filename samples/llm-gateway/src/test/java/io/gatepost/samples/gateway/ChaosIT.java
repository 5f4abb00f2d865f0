package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An upstream that resets, stalls and half-closes its answers, at full load: {@code -Dgatepost.chaos.seconds=60} for
 * all of a minute.
 */
class ChaosIT {
    private static final Duration TIME = Duration.ofSeconds(Integer.getInteger("gatepost.chaos.seconds", 5));
    private static final int CLIENTS = 16;
    private static final String MANIFESTS =
            LifeIT.ROUTE.replace("rules: [{backendRefs:", "rules: [{timeouts: {request: 2s}, backendRefs:");
    private static final String WHOLE = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789";
    private static final String HALF = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234";
    private static final String HALF_CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n";

    /** What the upstream does, and what its client must see. */
    private enum Behaviour {
        ANSWERS("200 whole"),
        RESETS_BEFORE_ANSWERING("502 whole"),
        CLOSES_BEFORE_ANSWERING("502 whole"),
        STALLS("504 whole"),
        RESETS_WITHIN("200 cut"),
        HALF_CLOSES_WITHIN("200 cut"),
        HALF_CLOSES_CHUNKS("200 cut");

        private final String outcome;

        Behaviour(String outcome) {
            this.outcome = outcome;
        }

        /** A GET goes out once more where a connection that was kept ends without an octet (RFC 9110 9.2.2). */
        boolean mayBeAskedAgain() {
            return this == RESETS_BEFORE_ANSWERING || this == CLOSES_BEFORE_ANSWERING;
        }
    }

    @TempDir
    private Path folder;

    private final CountDownLatch over = new CountDownLatch(1);
    private final Map<Behaviour, LongAdder> received = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> seen = new ConcurrentHashMap<>();
    private final LongAdder sent = new LongAdder();

    @Test
    void endsEveryRequestByAWholeAnswerOrAClosedConnection() throws Exception {
        Path manifests = Files.writeString(folder.resolve("manifests.yaml"), MANIFESTS);
        ExecutorService threads = Executors.newCachedThreadPool();
        try (ServerSocket upstream = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
                GatewayProcess gateway = new GatewayProcess(
                        folder,
                        "--file",
                        manifests.toString(),
                        "--upstream",
                        "http://127.0.0.1:" + upstream.getLocalPort())) {
            threads.execute(() -> accept(upstream, threads));
            load(gateway, threads, Duration.ofSeconds(2));
            GatewayProcess.Held before = gateway.held();
            load(gateway, threads, TIME);
            awaitSettled(gateway, before);
            GatewayProcess.Held after = gateway.held();
            System.out.println("chaos for " + TIME + ": " + sent + " requests, " + new TreeMap<>(seen) + "; before "
                    + before + ", after " + after);

            for (Behaviour behaviour : Behaviour.values()) {
                assertThat(seen.keySet().stream().filter(key -> key.startsWith(behaviour + " ")))
                        .containsExactly(behaviour + " " + behaviour.outcome);
                long answered = count(seen, behaviour + " " + behaviour.outcome);
                assertThat(count(received, behaviour))
                        .as(behaviour.name())
                        .isBetween(answered, behaviour.mayBeAskedAgain() ? 2 * answered : answered);
            }
            assertThat(gateway.metric("gatepost_requests_total")).isEqualTo(sent.sum());
            assertThat(after.threads()).isLessThanOrEqualTo(before.threads() + 2);
        } finally {
            over.countDown();
            threads.shutdownNow();
        }
    }

    private static <K> long count(Map<K, LongAdder> counts, K key) {
        return counts.getOrDefault(key, new LongAdder()).sum();
    }

    /** Connections that were dropped take a moment to be gone. */
    private static void awaitSettled(GatewayProcess gateway, GatewayProcess.Held before) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (gateway.held().files() > before.files() + 40 && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        assertThat(gateway.held().files()).isLessThanOrEqualTo(before.files() + 40);
    }

    private void load(GatewayProcess gateway, ExecutorService threads, Duration time) throws Exception {
        long end = System.nanoTime() + time.toNanos();
        List<Future<?>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Random random = new Random(i);
            clients.add(threads.submit(() -> {
                while (System.nanoTime() < end) {
                    Behaviour behaviour = Behaviour.values()[random.nextInt(Behaviour.values().length)];
                    String outcome = ask(gateway.url().getPort(), behaviour);
                    seen.computeIfAbsent(behaviour + " " + outcome, key -> new LongAdder())
                            .increment();
                }
                return null;
            }));
        }
        for (Future<?> client : clients) {
            client.get(time.toSeconds() + 60, TimeUnit.SECONDS);
        }
    }

    private String ask(int port, Behaviour behaviour) throws IOException {
        sent.increment();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("GET /" + behaviour + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return outcome(read(socket.getInputStream()));
        }
    }

    private static String read(InputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        byte[] buffer = new byte[4096];
        try {
            int count = in.read(buffer);
            while (count >= 0) {
                text.append(new String(buffer, 0, count, StandardCharsets.US_ASCII));
                count = in.read(buffer);
            }
        } catch (SocketException reset) {
            return text.toString();
        }
        return text.toString();
    }

    private static String outcome(String answer) {
        int end = answer.indexOf("\r\n\r\n");
        if (end < 0) {
            return "no answer";
        }
        String head = answer.substring(0, end).toLowerCase(java.util.Locale.ROOT);
        String body = answer.substring(end + 4);
        int length = head.indexOf("content-length: ");
        boolean whole;
        if (length >= 0) {
            int eol = head.indexOf("\r\n", length);
            whole = body.length() == Integer.parseInt(head.substring(length + 16, eol < 0 ? head.length() : eol));
        } else {
            whole = body.endsWith("0\r\n\r\n");
        }
        return answer.substring(9, 12) + (whole ? " whole" : " cut");
    }

    private void accept(ServerSocket upstream, ExecutorService threads) {
        try {
            while (over.getCount() > 0) {
                Socket socket = upstream.accept();
                threads.execute(() -> converse(socket));
            }
        } catch (IOException closed) {
            over.countDown();
        }
    }

    private void converse(Socket socket) {
        try (socket) {
            serve(socket);
        } catch (IOException gone) {
            over.getCount();
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(Socket socket) throws IOException, InterruptedException {
        boolean open = true;
        while (open) {
            String head = head(socket.getInputStream());
            if (head.isEmpty()) {
                return;
            }
            Behaviour behaviour = Behaviour.valueOf(head.substring(5, head.indexOf(' ', 5)));
            received.computeIfAbsent(behaviour, key -> new LongAdder()).increment();
            open = answer(socket, behaviour);
        }
    }

    private boolean answer(Socket socket, Behaviour behaviour) throws IOException, InterruptedException {
        switch (behaviour) {
            case ANSWERS -> send(socket, WHOLE);
            case RESETS_BEFORE_ANSWERING -> socket.setSoLinger(true, 0);
            case CLOSES_BEFORE_ANSWERING -> {}
            case STALLS -> socket.getInputStream().read();
            case RESETS_WITHIN -> {
                send(socket, HALF);
                // So that the reset does not overtake what was sent.
                TimeUnit.MILLISECONDS.sleep(20);
                socket.setSoLinger(true, 0);
            }
            case HALF_CLOSES_WITHIN -> {
                send(socket, HALF);
                socket.shutdownOutput();
                socket.getInputStream().read();
            }
            case HALF_CLOSES_CHUNKS -> {
                send(socket, HALF_CHUNKED);
                socket.shutdownOutput();
                socket.getInputStream().read();
            }
        }
        return behaviour == Behaviour.ANSWERS;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int octet = in.read();
            if (octet < 0) {
                return "";
            }
            head.append((char) octet);
        }
        return head.toString();
    }
}
