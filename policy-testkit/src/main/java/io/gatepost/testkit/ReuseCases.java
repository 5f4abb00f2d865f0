package io.gatepost.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.forward.Upstream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * Upstreams that close the connections that they kept, just when one is used again. A request that may be sent twice
 * never suffers from it (RFC 9110 section 9.2.2); one that may not is answered with 502 at worst, and reaches the
 * upstream once at most.
 */
interface ReuseCases extends ContractCases {
    /** How many requests each case sends: 200, or as many as the system property says. */
    int REQUESTS = Integer.getInteger("gatepost.reuse.requests", 200);

    /** How long an upstream keeps a connection that is not used. */
    Duration KEPT = Duration.ofSeconds(1);

    /** @param micros after which time at most; negative for never */
    private static ScriptedUpstream.Script closing(int micros, boolean reset) {
        return (request, out) -> {
            boolean toHead = request.head().startLine().startsWith("HEAD");
            out.write((toHead ? OK.substring(0, OK.indexOf("\r\n\r\n") + 4) : OK).getBytes(ISO_8859_1));
            if (micros >= 0) {
                LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(1 + micros * 1000L));
                throw reset ? new ScriptedUpstream.ResetException() : new IOException("closed");
            }
        };
    }

    /** Sends requests one after the other on one connection; returns how many were answered with 502. */
    private static int send(ContractGateway gateway, String method, int requests, Duration pause) throws IOException {
        int failures = 0;
        WireClient client = gateway.connect();
        try {
            for (int i = 0; i < requests; i++) {
                if (i > 0 && !pause.isZero()) {
                    LockSupport.parkNanos(
                            pause.toNanos() + ThreadLocalRandom.current().nextLong(-2_000_000, 2_000_000));
                }
                MessageHead answer = answer(client, method);
                boolean failed = answer.status() == 502;
                assertThat(answer.status()).as(method).isIn(200, 502);
                failures += failed ? 1 : 0;
                // Some containers close a connection where they did not read the body of what they refuse.
                if (failed || answer.endsConnection()) {
                    client.close();
                    client = gateway.connect();
                }
            }
        } finally {
            client.close();
        }
        return failures;
    }

    private static MessageHead answer(WireClient client, String method) throws IOException {
        String body = method.equals("POST") ? "{}" : "";
        String head = method + " /" + System.nanoTime() + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length();
        client.send((head + "\r\n\r\n" + body).getBytes(ISO_8859_1));
        return (method.equals("HEAD") ? client.responseToHead() : client.response()).head();
    }

    /** Each of many clients waits as long as the upstream keeps a connection. */
    private static int sendInPauses(ContractGateway gateway, String method) throws Exception {
        int each = 1 + REQUESTS / 200;
        ExecutorService clients = Executors.newFixedThreadPool(REQUESTS / each);
        try {
            List<Future<Integer>> sent = new ArrayList<>();
            for (int i = 0; i < REQUESTS / each; i++) {
                sent.add(clients.submit(() -> send(gateway, method, each, KEPT)));
            }
            int failures = 0;
            for (Future<Integer> one : sent) {
                failures += one.get();
            }
            return failures;
        } finally {
            clients.shutdownNow();
        }
    }

    /** How an upstream ends its connections, and after which time one that is not used. */
    record Closing(String name, ScriptedUpstream.Script script, Duration kept) {}

    /** Sends with each way of closing; returns how many failed in all. */
    private int send(String method, TestReporter report) throws Exception {
        List<Closing> ways = List.of(
                new Closing("at once", closing(0, false), Duration.ZERO),
                new Closing("after 1 ms", closing(1000, false), Duration.ZERO),
                new Closing("by a reset at once", closing(0, true), Duration.ZERO),
                new Closing("by a reset after 1 ms", closing(1000, true), Duration.ZERO),
                new Closing("after 1 s without a request", closing(-1, false), KEPT));
        int all = 0;
        for (Closing way : ways) {
            ScriptedUpstream upstream = ScriptedUpstream.start(way.script(), way.kept());
            try (ContractGateway gateway = new ContractGateway(start(OPEN, Upstream.of(upstream.base())), upstream)) {
                int failures = way.kept().isZero()
                        ? send(gateway, method, REQUESTS, Duration.ZERO)
                        : sendInPauses(gateway, method);
                report.publishEntry(method + ", closed " + way.name(), failures + " of " + REQUESTS + " failed");
                all += failures;
                if (method.equals("POST")) {
                    assertThat(upstream.received().stream()
                                    .map(request -> request.head().target()))
                            .as("closed %s: requests that the upstream got", way.name())
                            .doesNotHaveDuplicates();
                }
            }
        }
        return all;
    }

    @Test
    default void answersEveryGetOfAnUpstreamThatCloses(TestReporter report) throws Exception {
        assertThat(send("GET", report)).as("failures").isZero();
    }

    @Test
    default void answersEveryHeadOfAnUpstreamThatCloses(TestReporter report) throws Exception {
        assertThat(send("HEAD", report)).as("failures").isZero();
    }

    /** Of what may have had its effect (RFC 9110 section 9.2.2). */
    @Test
    default void sendsNoPostTwiceAndAnswersEachOne(TestReporter report) throws Exception {
        assertThat(send("POST", report)).as("failures").isLessThan(5 * REQUESTS);
    }
}
