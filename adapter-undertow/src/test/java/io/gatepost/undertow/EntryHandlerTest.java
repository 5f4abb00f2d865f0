package io.gatepost.undertow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.policy.forward.Upstream;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HeaderValues;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the entry leaves of a request's headers as it came, and what it writes. */
class EntryHandlerTest {
    private static final AttachmentKey<IdentityHashMap<HeaderValues, Boolean>> CAME =
            AttachmentKey.create(IdentityHashMap.class);
    private static final String REQUEST = """
            GET /v1 HTTP/1.1
            Host: a.test
            X-lower-UPPER: b, a
            x-lower-upper: c
            x-lower-upper: a
            accept: */*
            X-Real-IP: 6.6.6.6
            Cookie: a=1
            cookie: b=2
            TE: trailers
            Keep-Alive: 5
            Proxy-Authorization: Basic eDp5
            x-named: 1
            Connection: x-named, close

            """.replace("\n", "\r\n");

    @Test
    void writesOnlyTheHeadersThatChange() throws Exception {
        BlockingQueue<List<String>> written = new LinkedBlockingQueue<>();
        HttpHandler behind = exchange -> {
            List<String> names = new ArrayList<>();
            for (HeaderValues values : exchange.getRequestHeaders()) {
                if (!came(exchange).containsKey(values)) {
                    names.add(values.getHeaderName().toString());
                }
            }
            written.add(names);
        };
        EntryHandler entry = new EntryHandler(TrustedProxies.NONE, behind);
        Undertow server = Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                .setHandler(exchange -> {
                    IdentityHashMap<HeaderValues, Boolean> came = new IdentityHashMap<>();
                    exchange.getRequestHeaders().forEach(values -> came.put(values, true));
                    exchange.putAttachment(CAME, came);
                    entry.handleRequest(exchange);
                })
                .build();
        server.start();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port(server))) {
            client.getOutputStream().write(REQUEST.getBytes(ISO_8859_1));
            assertThat(written.poll(10, TimeUnit.SECONDS))
                    .containsExactlyInAnyOrder("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto");
        } finally {
            server.stop();
        }
    }

    private static IdentityHashMap<HeaderValues, Boolean> came(HttpServerExchange exchange) {
        return exchange.getAttachment(CAME);
    }

    private static int port(Undertow server) {
        return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    }

    @Test
    void leavesTheOthersToTheUpstreamAsTheyCame() throws Exception {
        try (RawUpstream upstream = new RawUpstream(RawUpstream.OK);
                GatewayUnderTest gateway = new GatewayUnderTest(LlmForwardingHandler.to(Upstream.of(upstream.url())))) {
            gateway.exchange(REQUEST);

            RawUpstream.Request sent = upstream.next();
            assertThat(sent.values("x-lower-upper")).containsExactly("b, a", "c", "a");
            assertThat(sent.values("cookie")).containsExactly("a=1; b=2");
            assertThat(sent.headers())
                    .contains("X-lower-UPPER: b, a", "accept: */*")
                    .noneMatch(header ->
                            header.matches("(?i)(connection|keep-alive|proxy-authorization|te|x-named|x-real-ip):.*"));
        }
    }
}
