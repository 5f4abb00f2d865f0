package io.gatepost.samples.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A gateway before an upstream that works until its connection is closed. */
final class HeldGateway implements AutoCloseable {
    private static final String MANIFESTS = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: gw}
            spec:
              gatewayClassName: agentgateway
              listeners: [{name: http, protocol: HTTP, port: 80}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: up}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: a}
            spec:
              parentRefs: [{name: gw}]
              rules: [{backendRefs: [{name: up, port: 80}]}]
            """;
    private static final String IDLE = "\nhttp_server_active_requests 0.0\n";
    private static final Duration LONG = Duration.ofMinutes(5);

    static final String STREAM =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

    /** How often each case is tried. */
    static final int TIMES = Integer.getInteger("gatepost.leave", 10);

    /** Within what the upstream hears of it. */
    static final Duration SOON = Duration.ofMillis(Integer.getInteger("gatepost.leaveWithin", 4000));

    /** What connections have going at most, where it is not the matter. */
    static final int MANY = 200;

    private final HeldUpstream upstream;
    private final GatewayServer gateway;

    HeldGateway(Path folder, String begun, @Nullable TlsFiles tls, int streams) throws IOException {
        upstream = new HeldUpstream(begun);
        Path manifests = Files.writeString(folder.resolve("gateway.yaml"), MANIFESTS);
        URI instead = upstream.url();
        gateway = GatewayServer.start(ServeOptions.builder(manifests)
                .listen(new ServeOptions.Listen("127.0.0.1", 0, 0))
                .upstreams(new ServeOptions.Upstreams(false, instead, Map.of()))
                .tls(tls)
                .limits(new Limits(32 * 1024, 1 << 20, 100, streams, LONG, LONG, LONG))
                .build());
    }

    int port() {
        return gateway.url().getPort();
    }

    /** How many connections the upstream has. */
    int underWay() {
        return upstream.open();
    }

    String awaitHead() throws InterruptedException {
        String head = upstream.heads.poll(20, TimeUnit.SECONDS);
        assertThat(head).as("a head at the upstream").isNotNull();
        return head;
    }

    void assertEnds() throws InterruptedException {
        assertThat(upstream.ended.poll(SOON.toMillis(), TimeUnit.MILLISECONDS))
                .as("the upstream's connection")
                .isNotNull();
    }

    void assertNothingIsUnderWay() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        String metrics = gateway.metrics();
        while (!metrics.contains(IDLE) && System.nanoTime() < end) {
            metrics = gateway.metrics();
        }
        assertThat(metrics).contains(IDLE);
        long before = System.nanoTime();
        gateway.close();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(15));
    }

    @Override
    public void close() throws IOException {
        gateway.close();
        upstream.close();
    }
}
