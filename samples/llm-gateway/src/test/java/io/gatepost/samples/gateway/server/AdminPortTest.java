package io.gatepost.samples.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ports beside the one for clients are asked by operators and proxies, and guarded all the same. */
class AdminPortTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Duration BRIEF = Duration.ofMillis(300);

    @TempDir
    private Path folder;

    private int admin;
    private int forwardAuth;

    private Http2Gateway start(Limits limits) throws IOException {
        admin = free();
        forwardAuth = free();
        return Http2Gateway.start(
                folder,
                Http2Gateway.ok(),
                options -> options.limits(limits)
                        .listen(new ServeOptions.Listen("127.0.0.1", 0, admin))
                        .adminHosts(Set.of("Gateway.internal"))
                        .forwardAuth(new ServeOptions.ForwardAuthOptions(forwardAuth, List.of())));
    }

    private static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String exchange(int port, String octets) throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send(octets);
            return client.rest();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:9901, 200",
        "10.1.2.3, 200",
        "[fd00::1]:9901, 200",
        "localhost:9901, 200",
        "gateway.INTERNAL:9901, 200",
        "attacker.test, 403",
        "127.0.0.1.attacker.test, 403",
        "localhost.attacker.test:9901, 403",
        "'', 403"
    })
    void tellsNothingUnderANameThatSomebodyElseCanTurnToIt(String host, int status) throws IOException {
        try (Http2Gateway gateway = start(Limits.DEFAULT)) {
            assertThat(gateway.port()).isPositive();
            for (String page : new String[] {"/metrics", "/policies"}) {
                assertThat(exchange(
                                admin, "GET " + page + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
                        .startsWith("HTTP/1.1 " + status + " ");
            }
            // Probes come under any name, and read no more than a word.
            assertThat(exchange(admin, "GET /livez HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void endsConnectionsThatSendNoHead() throws IOException {
        try (Http2Gateway gateway = start(new Limits(4096, 1000, 1000, 100, BRIEF, BRIEF, LONG))) {
            assertThat(gateway.port()).isPositive();
            for (int port : new int[] {admin, forwardAuth}) {
                assertThat(exchange(port, "")).isEmpty();
                assertThat(exchange(port, "GET /livez HTTP/1.1\r\nHost: ")).isEmpty();
                assertThat(exchange(port, "GET /livez HTTP/1.1\r\nHost: a\r\nX-A: " + "x".repeat(5000) + "\r\n\r\n"))
                        .startsWith("HTTP/1.1 400 ");
            }
        }
    }

    @Test
    void closesConnectionsBeyondTheLimit() throws IOException {
        try (Http2Gateway gateway = start(new Limits(4096, 1000, 2, 100, LONG, LONG, LONG))) {
            assertThat(gateway.port()).isPositive();
            for (int port : new int[] {admin, forwardAuth}) {
                try (RawClient one = new RawClient(port);
                        RawClient two = new RawClient(port)) {
                    for (RawClient kept : List.of(one, two)) {
                        kept.send("GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
                        assertThat(kept.until("\r\n")).startsWith("HTTP/1.1 ");
                    }
                    try (RawClient three = new RawClient(port)) {
                        assertThat(three.rest()).isIn("", "[reset]");
                    }
                }
            }
        }
    }
}
