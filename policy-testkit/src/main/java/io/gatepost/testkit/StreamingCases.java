package io.gatepost.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Bodies that come bit by bit, or not to their end. */
interface StreamingCases extends ContractCases {
    String STREAM = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    int MIB = 1024 * 1024;

    static void chunk(OutputStream out, String text) throws IOException {
        out.write((Integer.toHexString(text.length()) + "\r\n" + text + "\r\n").getBytes(US_ASCII));
    }

    @Test
    default void passesEventsOnAsTheyCome() throws Exception {
        List<Long> sent = new CopyOnWriteArrayList<>();
        ScriptedUpstream.Script script = (request, out) -> {
            out.write(STREAM.getBytes(US_ASCII));
            for (int i = 0; i < 20; i++) {
                TimeUnit.MILLISECONDS.sleep(100);
                sent.add(System.nanoTime());
                chunk(out, "data: " + i + "\n\n");
            }
            out.write("0\r\n\r\n".getBytes(US_ASCII));
        };
        try (ContractGateway gateway = gateway(STRICT, script);
                WireClient client = gateway.connect()) {
            MessageHead head = client.head("POST /v1/chat/completions HTTP/1.1", "Host: h", "Content-Length: 0", BEARER)
                    .awaitHead();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.value("content-type")).startsWith("text/event-stream");

            List<Long> delays = new ArrayList<>();
            BufferedReader lines = new BufferedReader(new InputStreamReader(client.body(head), UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isEmpty()) {
                    assertThat(line).isEqualTo("data: " + delays.size());
                    delays.add(System.nanoTime() - sent.get(delays.size()));
                }
            }
            assertThat(delays).hasSize(20);
            delays.sort(null);
            assertThat(Duration.ofNanos(delays.get(10))).isLessThan(Duration.ofMillis(50));
        }
    }

    @Test
    default void letsGoOfTheUpstreamWhenTheClientIsGone() throws Exception {
        CompletableFuture<Long> closed = new CompletableFuture<>();
        ScriptedUpstream.Script script = (request, out) -> {
            out.write(STREAM.getBytes(US_ASCII));
            try {
                for (int i = 0; i < 400; i++) {
                    chunk(out, "data: " + i + "\n\n");
                    TimeUnit.MILLISECONDS.sleep(50);
                }
            } catch (IOException e) {
                closed.complete(System.nanoTime());
            }
        };
        try (ContractGateway gateway = gateway(OPEN, script)) {
            long left;
            try (WireClient client = gateway.connect()) {
                MessageHead head = client.head("GET / HTTP/1.1", "Host: h").awaitHead();
                assertThat(client.body(head).read()).isEqualTo('d');
                left = System.nanoTime();
            }
            assertThat(Duration.ofNanos(closed.get(20, TimeUnit.SECONDS) - left))
                    .isLessThan(Duration.ofSeconds(1));
        }
    }

    @Test
    default void breaksOffWhereTheUpstreamBreaksOff() throws Exception {
        String half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
        for (String response : List.of(STREAM + "4\r\nhalf\r\n", half)) {
            ScriptedUpstream.Script script = (request, out) -> {
                out.write(response.getBytes(US_ASCII));
                throw new IOException("break off");
            };
            try (ContractGateway gateway = gateway(OPEN, script);
                    WireClient client = gateway.connect()) {
                MessageHead head = client.head("GET / HTTP/1.1", "Host: h").awaitHead();

                assertThat(head.status()).isEqualTo(200);
                try (InputStream body = client.body(head)) {
                    assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
                }
            }
        }
    }

    @Test
    default void streamsALargeRequest() throws Exception {
        byte[] piece = new byte[MIB];
        Arrays.fill(piece, (byte) 'x');
        try (ContractGateway gateway = gateway(STRICT);
                WireClient client = gateway.connect()) {
            client.head("POST /v1/files HTTP/1.1", "Host: h", "Content-Length: " + 10 * MIB, BEARER);
            for (int i = 0; i < 10; i++) {
                client.send(piece);
                if (i == 4) {
                    gateway.upstream().awaitBodyBytes(MIB);
                }
            }

            assertThat(client.response().status()).isEqualTo(200);
            assertThat(gateway.upstream().only().body()).hasSize(10 * MIB).containsOnly('x');
        }
    }

    @Test
    default void streamsALargeRequestInChunks() throws Exception {
        byte[] piece = new byte[MIB];
        try (ContractGateway gateway = gateway(OPEN);
                WireClient client = gateway.connect()) {
            client.head("POST /v1/files HTTP/1.1", "Host: h", "Transfer-Encoding: chunked");
            for (int i = 0; i < 10; i++) {
                client.send("100000\r\n".getBytes(US_ASCII)).send(piece).send("\r\n".getBytes(US_ASCII));
            }
            client.send("0\r\n\r\n".getBytes(US_ASCII));

            assertThat(client.response().status()).isEqualTo(200);
            assertThat(gateway.upstream().only().body()).hasSize(10 * MIB);
        }
    }

    /**
     * More slow clients than an event loop has threads: none may hold one, and none may have its stream kept for it.
     */
    @Test
    default void holdsUpNobodyForClientsThatReadSlowly() throws Exception {
        int slow = 8;
        byte[] piece = new byte[MIB];
        AtomicLong taken = new AtomicLong();
        CountDownLatch allTaken = new CountDownLatch(1);
        ScriptedUpstream.Script script = (request, out) -> {
            if (!request.head().target().equals("/stream")) {
                ScriptedUpstream.always(OK).answer(request, out);
                return;
            }
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + 64 * MIB + "\r\n\r\n").getBytes(US_ASCII));
            for (int i = 0; i < 64; i++) {
                out.write(piece);
                taken.addAndGet(MIB);
            }
            allTaken.countDown();
        };
        List<WireClient> clients = new ArrayList<>();
        try (ContractGateway gateway = gateway(STRICT, script)) {
            List<InputStream> bodies = new ArrayList<>();
            for (int i = 0; i < slow; i++) {
                WireClient client = gateway.connect();
                clients.add(client);
                bodies.add(client.body(
                        client.head("GET /stream HTTP/1.1", "Host: h", BEARER).awaitHead()));
            }
            for (int i = 0; i < 50; i++) {
                assertThat(gateway.send("GET /v1/models HTTP/1.1", BEARER).status())
                        .isEqualTo(200);
                assertThat(bodies.get(i % slow).read()).isZero();
            }

            assertThat(allTaken.await(1, TimeUnit.SECONDS))
                    .as("a stream was taken whole")
                    .isFalse();
            // What sockets may buffer on both ways, with room to spare; without back-pressure all is taken.
            assertThat(taken.get()).isLessThan(slow * 32L * MIB);
        } finally {
            clients.forEach(WireClient::close);
        }
    }

    @Test
    default void streamsALargeResponse() throws Exception {
        byte[] piece = new byte[MIB];
        CountDownLatch begun = new CountDownLatch(1);
        ScriptedUpstream.Script script = (request, out) -> {
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + 10 * MIB + "\r\n\r\n").getBytes(US_ASCII));
            for (int i = 0; i < 10; i++) {
                out.write(piece);
                if (i == 4 && !begun.await(20, TimeUnit.SECONDS)) {
                    throw new IOException("nothing arrived");
                }
            }
        };
        try (ContractGateway gateway = gateway(OPEN, script);
                WireClient client = gateway.connect()) {
            MessageHead head = client.head("GET / HTTP/1.1", "Host: h").awaitHead();
            InputStream body = client.body(head);
            assertThat(body.readNBytes(MIB)).hasSize(MIB);
            begun.countDown();

            assertThat(body.readAllBytes()).hasSize(9 * MIB);
        }
    }
}
