package io.gatepost.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Requests that two readers could take for two different ones: refused, or the same for both. */
interface FramingCases extends ContractCases {
    /** A refusal: an answer, or the end of the connection. */
    int CLOSED = 400;

    private static int status(WireClient client) {
        try {
            return client.response().status();
        } catch (IOException e) {
            return CLOSED;
        }
    }

    @Test
    default void refusesOrReframesAmbiguousBodies() throws Exception {
        String smuggled = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
        List<String> attempts = List.of(
                "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: " + (5 + smuggled.length()) + "\r\n\r\n0\r\n\r\n",
                "Content-Length: 0\r\nContent-Length: " + smuggled.length() + "\r\n\r\n",
                "Content-Length: " + smuggled.length() + "\r\nContent-Length: 0\r\n\r\n",
                "Content-Length: 0, " + smuggled.length() + "\r\n\r\n",
                "Content-Length: +" + smuggled.length() + "\r\n\r\n",
                "Content-Length: -1\r\n\r\n",
                "Transfer-Encoding: xchunked\r\n\r\n",
                "Transfer-Encoding: chunked, identity\r\n\r\n",
                "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
                "X: 1\r\n Transfer-Encoding: chunked\r\nContent-Length: " + smuggled.length() + "\r\n\r\n");
        for (String attempt : attempts) {
            try (ContractGateway gateway = gateway(OPEN);
                    WireClient client = gateway.connect()) {
                client.send(("POST /front HTTP/1.1\r\nHost: h\r\n" + attempt + smuggled).getBytes(ISO_8859_1));
                int status = status(client);

                List<ScriptedUpstream.Received> sent = gateway.upstream().received();
                if (status == 200) {
                    // Whatever was taken for the body, the upstream saw it as the body too.
                    assertThat(sent).as(attempt).isNotEmpty();
                    assertThat(sent.get(0).head().target()).as(attempt).isEqualTo("/front");
                } else {
                    assertThat(status).as(attempt).isBetween(400, 501);
                    assertThat(sent).as(attempt).isEmpty();
                }
            }
        }
    }

    @Test
    default void refusesOrReframesBadChunks() throws Exception {
        List<String> bodies = List.of("zz\r\nabc\r\n0\r\n\r\n", "-1\r\nabc\r\n0\r\n\r\n", "3\r\nabcdef\r\n0\r\n\r\n");
        for (String body : bodies) {
            for (boolean judged : List.of(true, false)) {
                try (ContractGateway gateway = gateway(judged ? BodyCases.SMALL_ONLY : OPEN);
                        WireClient client = gateway.connect()) {
                    client.head("POST /front HTTP/1.1", "Host: h", "Transfer-Encoding: chunked")
                            .send(body.getBytes(UTF_8));

                    assertThat(status(client)).as(body).isIn(200, 400, 403);
                    // No reader ever sees more of it than the first chunk, nor a second request in it.
                    assertThat(gateway.upstream().received())
                            .as(body)
                            .hasSizeLessThan(2)
                            .allMatch(request -> "abc".startsWith(request.text()));
                }
            }
        }
    }

    @Test
    default void neverSendsOnAsWholeWhatBrokeOff() throws Exception {
        String piece = "x".repeat(0x10000);
        List<String> halves = List.of(
                "Content-Length: 100000\r\n\r\n" + piece,
                "Transfer-Encoding: chunked\r\n\r\n10000\r\n" + piece + "\r\n");
        for (String half : halves) {
            try (ContractGateway gateway = gateway(OPEN)) {
                try (WireClient client = gateway.connect()) {
                    client.send(("POST /half HTTP/1.1\r\nHost: h\r\n" + half).getBytes(ISO_8859_1));
                    gateway.upstream().awaitBodyBytes(0x1000);
                }
                assertThat(gateway.send("GET /next HTTP/1.1").status()).isEqualTo(200);

                assertThat(gateway.upstream().only().head().target()).isEqualTo("/next");
            }
        }
    }

    @Test
    default void refusesAHeadThatIsNotOne() throws Exception {
        List<String> heads = List.of(
                "GET / HTTP/1.1\r\nHost: h\r\nX-Bad\u0000: 1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\nBad Name: 1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\n: 1\r\n\r\n",
                "GET models HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET /\u00e9 HTTP/1.1\r\nHost: h\r\n\r\n");
        for (String head : heads) {
            try (ContractGateway gateway = gateway(OPEN);
                    WireClient client = gateway.connect()) {
                client.send(head.getBytes(ISO_8859_1));

                assertThat(status(client)).as(head).isBetween(400, 499);
                assertThat(gateway.upstream().received()).as(head).isEmpty();
            }
        }
    }

    @Test
    default void judgesTheTargetOfAnAbsoluteForm() throws Exception {
        String rule = "request.path == '/v1/models' && request.host == 'gateway.test'";
        try (ContractGateway gateway = gateway(ContractCases.rules(rule))) {
            assertThat(gateway.send("GET http://gateway.test/v1/models?a=1 HTTP/1.1")
                            .status())
                    .isEqualTo(200);
            assertThat(gateway.upstream().only().head().target()).isEqualTo("/v1/models?a=1");
            assertThat(gateway.upstream().only().head().values("x-forwarded-host"))
                    .containsExactly("gateway.test");

            assertThat(gateway.send("GET http://gateway.test/v1/%2e%2e/models HTTP/1.1")
                            .status())
                    .isEqualTo(400);
        }
    }

    @Test
    default void takesOneAuthorityOfTwoOrNone() throws Exception {
        try (ContractGateway gateway = gateway(ContractCases.rules("request.host == 'other.test'"))) {
            int status =
                    gateway.send("GET http://other.test/v1/models HTTP/1.1").status();

            assertThat(status).isIn(200, 400);
            assertThat(gateway.upstream().received())
                    .hasSize(status == 200 ? 1 : 0)
                    .allMatch(
                            request -> request.head().values("x-forwarded-host").equals(List.of("other.test")));
        }
    }

    @Test
    default void doesNotLetTheUpgradeOfAConnectionThrough() throws Exception {
        try (ContractGateway gateway = gateway(OPEN)) {
            WireClient.Response response = gateway.send(
                    "GET /v1/models HTTP/1.1",
                    "Connection: Upgrade, HTTP2-Settings",
                    "Upgrade: h2c",
                    "HTTP2-Settings: AAMAAABkAAQAAP__");

            assertThat(response.status()).isIn(200, 400);
            assertThat(gateway.upstream().received()).allSatisfy(request -> {
                assertThat(request.head().values("upgrade")).isEmpty();
                assertThat(request.head().values("http2-settings")).isEmpty();
            });
        }
    }

    @Test
    default void judgesWhatIsLeftOnceTheHopHasEnded() throws Exception {
        try (ContractGateway gateway = gateway(ContractCases.rules("request.headers['x-safety'] == '1'"))) {
            assertThat(gateway.send("GET /v1/models HTTP/1.1", "X-Safety: 1").status())
                    .isEqualTo(200);
            assertThat(gateway.send("GET /v1/models HTTP/1.1", "X-Safety: 1", "Connection: close, x-safety")
                            .status())
                    .isEqualTo(403);

            assertThat(gateway.upstream().only().head().values("x-safety")).containsExactly("1");
        }
    }

    @Test
    default void judgesAPathInItsNormalForm() throws Exception {
        try (ContractGateway gateway = gateway(ContractCases.rules("!request.path.startsWith('/admin')"))) {
            for (String path : List.of("/admin", "/%61dmin", "/admi%6E", "/%61%64%6d%69%6E/x")) {
                assertThat(gateway.send("GET " + path + " HTTP/1.1").status())
                        .as(path)
                        .isEqualTo(403);
            }
            assertThat(gateway.send("GET /%6dodels/%c3%a9 HTTP/1.1").status()).isEqualTo(200);

            assertThat(gateway.upstream().only().head().target()).isEqualTo("/models/%C3%A9");
        }
    }

    @Test
    default void connectsAWebSocketOrSaysThatItDoesNot() throws Exception {
        String[] upgrade = {
            "Host: h",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "X-Token: 1"
        };
        String switched = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhi";
        try (ContractGateway gateway =
                gateway(ContractCases.rules("request.headers['x-token'] == '1'"), ScriptedUpstream.always(switched))) {
            try (WireClient client = gateway.connect()) {
                String[] denied = Arrays.copyOf(upgrade, upgrade.length - 1);
                assertThat(client.head("GET /v1/realtime HTTP/1.1", denied)
                                .response()
                                .status())
                        .isEqualTo(403);
                assertThat(gateway.upstream().received()).isEmpty();
            }
            try (WireClient client = gateway.connect()) {
                MessageHead head =
                        client.head("GET /v1/realtime HTTP/1.1", upgrade).awaitHead();
                if (head.status() == 101) {
                    assertThat(head.value("upgrade")).isEqualTo("websocket");
                    assertThat(client.body(head).readNBytes(2)).asString().isEqualTo("hi");
                    assertThat(gateway.upstream().only().head().values("upgrade"))
                            .containsExactly("websocket");
                } else {
                    assertThat(head.status()).isEqualTo(501);
                    assertThat(client.body(head).readAllBytes()).asString().contains("websocket_unsupported");
                    assertThat(gateway.upstream().received()).isEmpty();
                }
            }
        }
    }
}
