package io.gatepost.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.forward.Upstream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What travels on, in both directions, and what does not. */
interface ForwardingCases extends ContractCases {
    @Test
    default void sendsTheRequestOnAsItIs() throws Exception {
        byte[] body = "no JSON \u00e4".getBytes(UTF_8);
        try (ContractGateway gateway = gateway(OPEN);
                WireClient client = gateway.connect()) {
            client.head(
                            "PUT /v1/x/caf%C3%A9?a=1&a=%2F&b HTTP/1.1",
                            "Host: gateway.test:81",
                            "Content-Type: text/plain",
                            "X-Two: 1",
                            "X-Two: 2",
                            "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                            "Content-Length: " + body.length)
                    .send(body);

            assertThat(client.response().status()).isEqualTo(200);
            ScriptedUpstream.Received sent = gateway.upstream().only();
            assertThat(sent.head().startLine()).isEqualTo("PUT /v1/x/caf%C3%A9?a=1&a=%2F&b HTTP/1.1");
            assertThat(sent.head().values("host"))
                    .containsExactly(gateway.upstream().base().getAuthority());
            assertThat(sent.head().values("x-two")).containsExactly("1", "2");
            assertThat(sent.head().values("traceparent")).hasSize(1);
            assertThat(sent.head().values("content-type")).containsExactly("text/plain");
            assertThat(sent.body()).isEqualTo(body);
        }
    }

    @Test
    default void keepsAnUnusualTargetAsItIsOrRefusesIt() throws Exception {
        for (String path :
                List.of("/v1/models/org%2Fmodel", "/v1//models", "/v1/models;v=1", "/v1/a%3Fb", "/%76%31/x")) {
            // An encoded letter is that letter (RFC 3986 section 6.2.2.2), for rules and for the upstream.
            String normal = path.replace("%76%31", "v1");
            try (ContractGateway gateway = gateway(ContractCases.rules("request.path == '" + normal + "'"))) {
                int status = gateway.send("GET " + path + " HTTP/1.1").status();

                assertThat(status).as(path).isIn(200, 400);
                assertThat(gateway.upstream().received())
                        .hasSize(status == 200 ? 1 : 0)
                        .allMatch(request -> request.head().target().equals(normal));
            }
        }
    }

    @Test
    default void endsTheHopBeforeItJudges() throws Exception {
        try (ContractGateway gateway = gateway(ContractCases.rules("!('x-safety' in request.headers)"))) {
            assertThat(gateway.send("GET / HTTP/1.1", "X-Safety: on").status()).isEqualTo(403);
            assertThat(gateway.send("GET / HTTP/1.1", "X-Safety: on", "Connection: X-Safety")
                            .status())
                    .isIn(200, 400);
            assertThat(gateway.upstream().received())
                    .allMatch(request -> request.head().values("x-safety").isEmpty());
        }
    }

    @Test
    default void showsNobodyWhatTheUpstreamGets() throws Exception {
        try (ContractGateway gateway = gateway(OPEN)) {
            assertThat(gateway.send("TRACE / HTTP/1.1").status()).isIn(400, 405, 501);
            assertThat(gateway.upstream().received()).isEmpty();
        }
    }

    @Test
    default void tellsTheUpstreamWhereTheRequestCameFrom() throws Exception {
        try (ContractGateway gateway = gateway(OPEN)) {
            gateway.send(
                    "GET / HTTP/1.1",
                    "X-Forwarded-For: 6.6.6.6",
                    "X-Forwarded-Proto: https",
                    "X-Forwarded-Host: evil.test",
                    "Forwarded: for=6.6.6.6");

            MessageHead sent = gateway.upstream().only().head();
            assertThat(sent.values("x-forwarded-for")).containsExactly("127.0.0.1");
            assertThat(sent.values("x-forwarded-proto")).containsExactly("http");
            assertThat(sent.values("x-forwarded-host")).containsExactly("gateway.test");
            assertThat(sent.values("forwarded")).containsExactly("for=127.0.0.1;host=\"gateway.test\";proto=http");
        }
    }

    @Test
    default void dropsWhatConcernsOneHopOfARequest() throws Exception {
        try (ContractGateway gateway = gateway(OPEN)) {
            WireClient.Response response = gateway.send(
                    "GET / HTTP/1.1",
                    "Connection: keep-alive, X-Named",
                    "X-Named: 1",
                    "Keep-Alive: timeout=5",
                    "TE: trailers",
                    "Proxy-Authorization: Basic dTpw",
                    "Proxy-Connection: keep-alive",
                    "X-End: 1");

            assertThat(response.status()).isEqualTo(200);
            MessageHead sent = gateway.upstream().only().head();
            assertThat(sent.values("x-end")).containsExactly("1");
            for (String name : List.of("x-named", "keep-alive", "te", "proxy-authorization", "proxy-connection")) {
                assertThat(sent.values(name)).as(name).isEmpty();
            }
        }
    }

    @Test
    default void dropsWhatConcernsOneHopOfAResponse() throws Exception {
        String answer = ScriptedUpstream.response(
                "200 OK",
                "hi",
                "Connection: X-Named",
                "X-Named: 1",
                "Keep-Alive: timeout=77",
                "Proxy-Authenticate: Basic realm=x",
                "Set-Cookie: a=1",
                "Set-Cookie: b=2",
                "X-End: 1");
        try (ContractGateway gateway = gateway(OPEN, ScriptedUpstream.always(answer))) {
            MessageHead head = gateway.send("GET / HTTP/1.1").head();

            assertThat(head.values("x-end")).containsExactly("1");
            assertThat(head.values("set-cookie")).containsExactly("a=1", "b=2");
            assertThat(head.values("x-named")).isEmpty();
            assertThat(head.values("keep-alive")).doesNotContain("timeout=77");
            assertThat(head.values("proxy-authenticate")).isEmpty();
        }
    }

    @Test
    default void passesErrorsAndRedirectsOfTheUpstreamThrough() throws Exception {
        for (String status : List.of("302 Found", "401 Unauthorized", "429 Too Many Requests", "500 Oops")) {
            String answer = ScriptedUpstream.response(status, "{\"own\":1}", "Location: /v1/elsewhere");
            try (ContractGateway gateway = gateway(OPEN, ScriptedUpstream.always(answer))) {
                WireClient.Response response = gateway.send("GET / HTTP/1.1");

                assertThat(response.status()).isEqualTo(Integer.parseInt(status.substring(0, 3)));
                assertThat(response.text()).isEqualTo("{\"own\":1}");
                assertThat(response.head().values("location")).containsExactly("/v1/elsewhere");
                assertThat(gateway.upstream().received()).hasSize(1);
            }
        }
    }

    @Test
    default void leavesACompressedResponseAsItIs() throws Exception {
        byte[] encoded = BodyCases.gzip("{\"ok\":true}".getBytes(UTF_8));
        String answer = ScriptedUpstream.response("200 OK", new String(encoded, ISO_8859_1), "Content-Encoding: gzip");
        try (ContractGateway gateway = gateway(OPEN, ScriptedUpstream.always(answer))) {
            WireClient.Response response = gateway.send("GET / HTTP/1.1", "Accept-Encoding: gzip");

            assertThat(response.body()).isEqualTo(encoded);
            assertThat(response.head().values("content-encoding")).containsExactly("gzip");
            assertThat(gateway.upstream().only().head().values("accept-encoding"))
                    .containsExactly("gzip");
        }
    }

    @Test
    default void keepsResponsesWithoutABodyApart() throws Exception {
        ScriptedUpstream.Script script =
                (request, out) -> out.write((request.head().target().equals("/head")
                                ? "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"
                                : "HTTP/1.1 " + request.head().target().substring(1) + " X\r\nETag: \"1\"\r\n\r\n")
                        .getBytes(ISO_8859_1));
        try (ContractGateway gateway = gateway(OPEN, script);
                WireClient client = gateway.connect()) {
            WireClient.Response head =
                    client.head("HEAD /head HTTP/1.1", "Host: h").responseToHead();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.head().values("content-length")).containsExactly("1234");
            for (int status : List.of(204, 304)) {
                WireClient.Response response =
                        client.head("GET /" + status + " HTTP/1.1", "Host: h").response();
                assertThat(response.status()).isEqualTo(status);
                assertThat(response.head().values("etag")).containsExactly("\"1\"");
                assertThat(response.head().values("transfer-encoding")).isEmpty();
            }
            assertThat(gateway.upstream().received()).hasSize(3);
        }
    }

    @Test
    default void saysThatTheUpstreamIsDown() throws Exception {
        ScriptedUpstream gone = ScriptedUpstream.start(ScriptedUpstream.always(OK));
        gone.close();
        try (ContractGateway gateway = new ContractGateway(start(OPEN, Upstream.of(gone.base())), gone)) {
            WireClient.Response response = gateway.send("GET / HTTP/1.1");

            assertThat(response.status()).isEqualTo(502);
            assertThat(response.error()).containsEntry("type", "server_error");
        }
    }

    @Test
    default void saysThatTheUpstreamDidNotAnswer() throws Exception {
        ScriptedUpstream.Script hangUp = (request, out) -> {
            throw new IOException("hang up");
        };
        for (ScriptedUpstream.Script script : List.of(hangUp, ScriptedUpstream.always("what?\r\n\r\n"))) {
            try (ContractGateway gateway = gateway(OPEN, script)) {
                WireClient.Response response = gateway.post("{}".getBytes(UTF_8));

                assertThat(response.status()).isEqualTo(502);
                assertThat(response.error()).containsEntry("code", "upstream_unavailable");
            }
        }
    }

    /** The upstream has done the work: what it says on the way is no reason to lose its answer (RFC 9110 15.2). */
    @Test
    default void waitsForTheAnswerBehindInterimOnes() throws Exception {
        Assumptions.assumeTrue(
                !forwardsOverJdkClient() || Runtime.version().feature() >= 21,
                "the client for upstreams takes an interim answer for the answer");
        List<String> interims = List.of(
                "HTTP/1.1 102 Processing\r\n\r\n",
                "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nX: y\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n",
                "HTTP/1.1 102 Processing\r\n\r\n".repeat(20));
        for (String interim : interims) {
            try (ContractGateway gateway = gateway(OPEN, ScriptedUpstream.always(interim + OK));
                    WireClient client = gateway.connect()) {
                for (int i = 0; i < 2; i++) {
                    WireClient.Response response =
                            client.head("GET / HTTP/1.1", "Host: h").response();

                    assertThat(response.status()).as(interim).isEqualTo(200);
                    assertThat(response.interim()).isSubsetOf(103);
                    assertThat(response.text()).isEqualTo("{\"ok\":true}");
                }
                assertThat(gateway.post("{}".getBytes(UTF_8)).status())
                        .as(interim)
                        .isEqualTo(200);
                assertThat(gateway.upstream().received()).hasSize(3);
            }
        }
    }

    @Test
    default void endsAnUpstreamThatNeverComesToItsAnswer() throws Exception {
        ScriptedUpstream.Script endless = (request, out) -> {
            byte[] interim = "HTTP/1.1 102 Processing\r\n\r\n".repeat(1000).getBytes(ISO_8859_1);
            while (true) {
                out.write(interim);
            }
        };
        try (ContractGateway gateway = gateway(OPEN, endless)) {
            WireClient.Response response = gateway.send("GET / HTTP/1.1");

            assertThat(response.status()).isEqualTo(502);
            assertThat(response.error()).containsEntry("code", "upstream_unavailable");
        }
    }

    @Test
    default void takesNoUpgradeThatNobodyAskedFor() throws Exception {
        String upgrade = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
        try (ContractGateway gateway = gateway(OPEN, ScriptedUpstream.always(upgrade + OK))) {
            WireClient.Response response = gateway.send("GET / HTTP/1.1");

            assertThat(response.status()).isEqualTo(502);
            assertThat(response.error()).containsEntry("code", "upstream_unavailable");
        }
    }
}
