package io.gatepost.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.forward.RequestBody;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.TokenLocation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.jose4j.json.JsonUtil;
import org.junit.jupiter.api.Test;

/** The body that rules judge is the body that the upstream gets. */
interface BodyCases extends ContractCases {
    PolicyEngine SMALL_ONLY = ContractCases.rules("llm.requestModel == 'small'");
    byte[] SMALL = "{ \"model\": \"small\", \"n\": 1.50 }".getBytes(UTF_8);
    byte[] LARGE = "{\"model\":\"large\"}".getBytes(UTF_8);

    static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(plain);
        }
        return bytes.toByteArray();
    }

    @Test
    default void sendsOnTheBodyThatWasJudged() throws Exception {
        try (ContractGateway gateway = gateway(SMALL_ONLY)) {
            assertThat(gateway.post(LARGE).status()).isEqualTo(403);
            assertThat(gateway.post(SMALL).status()).isEqualTo(200);

            assertThat(gateway.upstream().only().body()).isEqualTo(SMALL);
        }
    }

    @Test
    default void judgesABodyInChunks() throws Exception {
        try (ContractGateway gateway = gateway(SMALL_ONLY);
                WireClient client = gateway.connect()) {
            client.head(
                            "POST /v1/chat/completions HTTP/1.1",
                            "Host: h",
                            "Content-Type: application/json",
                            "Transfer-Encoding: chunked")
                    .send("8\r\n{\"model\"\r\na;x=y\r\n: \"small\"}\r\n0\r\n\r\n".getBytes(UTF_8));

            assertThat(client.response().status()).isEqualTo(200);
            assertThat(gateway.upstream().only().text()).isEqualTo("{\"model\": \"small\"}");
        }
    }

    @Test
    default void judgesWhatAnEncodedBodyHoldsAndSendsItEncoded() throws Exception {
        try (ContractGateway gateway = gateway(SMALL_ONLY)) {
            byte[] encoded = gzip(SMALL);
            assertThat(gateway.post(gzip(LARGE), "Content-Encoding: gzip").status())
                    .isEqualTo(403);
            assertThat(gateway.post(encoded, "Content-Encoding: gzip").status()).isEqualTo(200);

            assertThat(gateway.upstream().only().body()).isEqualTo(encoded);
            assertThat(gateway.upstream().only().head().values("content-encoding"))
                    .containsExactly("gzip");
        }
    }

    @Test
    default void judgesABodyInZstdAsOneInGzip() throws Exception {
        try (ContractGateway gateway = gateway(SMALL_ONLY)) {
            byte[] encoded = Zstd.compress(SMALL);
            byte[] bomb = Zstd.compress(new byte[RequestBody.DEFAULT_LIMIT + 1]);
            ByteArrayOutputStream two = new ByteArrayOutputStream();
            two.writeBytes(encoded);
            two.writeBytes(Zstd.compress(LARGE));
            String zstd = "Content-Encoding: zstd";

            assertThat(gateway.post(Zstd.compress(LARGE), zstd).status()).isEqualTo(403);
            assertThat(gateway.post(SMALL, zstd).status()).isEqualTo(400);
            assertThat(gateway.post(two.toByteArray(), zstd).status()).isEqualTo(400);
            assertThat(gateway.post(Arrays.copyOf(encoded, encoded.length - 1), zstd)
                            .status())
                    .isEqualTo(400);
            assertThat(gateway.post(bomb, zstd).status()).isEqualTo(413);
            assertThat(gateway.upstream().received()).isEmpty();
            assertThat(gateway.post(encoded, zstd).status()).isEqualTo(200);

            assertThat(gateway.upstream().only().body()).isEqualTo(encoded);
            assertThat(gateway.upstream().only().head().values("content-encoding"))
                    .containsExactly("zstd");
        }
    }

    @Test
    default void judgesBodiesUpToTheLimitThatIsSet() throws Exception {
        byte[] body = ("{\"model\":\"small\",\"pad\":\"" + "x".repeat(2_600_000) + "\"}").getBytes(UTF_8);
        try (ContractGateway gateway = gatewayWithLimit(SMALL_ONLY, null, 3_000_000)) {
            assertThat(gateway.post(body).status()).isEqualTo(200);
            assertThat(gateway.post(gzip(body), "Content-Encoding: gzip").status())
                    .isEqualTo(200);
            try (WireClient client = gateway.connect()) {
                client.head("POST /v1/chat/completions HTTP/1.1", "Host: h", "Content-Length: 3000001");
                assertThat(client.response().status()).isEqualTo(413);
            }

            assertThat(gateway.upstream().received()).hasSize(2);
            assertThat(gateway.upstream().received().get(0).body()).isEqualTo(body);
        }
        for (PolicyEngine engine : List.of(OPEN, SMALL_ONLY)) {
            try (ContractGateway gateway = gatewayWithLimit(engine, "override", 3_000_000)) {
                assertThat(gateway.post(body).status()).isEqualTo(200);
                assertThat(gateway.upstream().only().text()).startsWith("{\"model\":\"override\",\"pad\":\"xx");
            }
            try (ContractGateway gateway = gatewayWithLimit(engine, "override", SMALL.length)) {
                assertThat(gateway.post(SMALL).status()).isEqualTo(200);
                assertThat(gateway.post((new String(SMALL, UTF_8) + " ").getBytes(UTF_8))
                                .status())
                        .isEqualTo(413);
            }
        }
    }

    @Test
    default void refusesABodyThatCannotBeJudged() throws Exception {
        byte[] bomb = gzip(new byte[RequestBody.DEFAULT_LIMIT + 1]);
        byte[] twice = "{\"model\":\"small\",\"model\":\"large\"}".getBytes(UTF_8);
        try (ContractGateway gateway = gateway(SMALL_ONLY)) {
            assertThat(gateway.post(SMALL, "Content-Encoding: br").status()).isEqualTo(415);
            assertThat(gateway.post(SMALL, "Content-Encoding: gzip").status()).isEqualTo(400);
            assertThat(gateway.post(bomb, "Content-Encoding: gzip").status()).isEqualTo(413);
            WireClient.Response response = gateway.post(twice);
            assertThat(response.status()).isEqualTo(400);
            assertThat(response.error()).containsEntry("type", "invalid_request_error");
            assertThat(gateway.upstream().received()).isEmpty();
        }
    }

    @Test
    default void refusesABodyThatIsTooLargeToBeJudged() throws Exception {
        try (ContractGateway gateway = gateway(SMALL_ONLY);
                WireClient told = gateway.connect();
                WireClient untold = gateway.connect()) {
            told.head(
                    "POST /v1/chat/completions HTTP/1.1",
                    "Host: h",
                    "Content-Length: " + 100 * RequestBody.DEFAULT_LIMIT);
            assertThat(told.response().status()).isEqualTo(413);

            untold.head("POST /v1/chat/completions HTTP/1.1", "Host: h", "Transfer-Encoding: chunked")
                    .send("200001\r\n".getBytes(UTF_8))
                    .send(new byte[RequestBody.DEFAULT_LIMIT + 1])
                    .send("\r\n0\r\n\r\n".getBytes(UTF_8));
            assertThat(untold.response().status()).isEqualTo(413);
            assertThat(gateway.upstream().received()).isEmpty();
        }
    }

    @Test
    default void asksTheUpstreamForItsOwnModel() throws Exception {
        try (ContractGateway gateway = gatewayWithModel(OPEN, "override")) {
            assertThat(gateway.post(SMALL).status()).isEqualTo(200);
            assertThat(gateway.post(gzip(LARGE), "Content-Encoding: gzip").status())
                    .isEqualTo(200);

            List<ScriptedUpstream.Received> sent = gateway.upstream().received();
            assertThat(JsonUtil.parseJson(sent.get(0).text())).containsEntry("model", "override");
            assertThat(sent.get(0).text()).contains("1.50");
            assertThat(JsonUtil.parseJson(sent.get(1).text())).containsEntry("model", "override");
            assertThat(sent.get(1).head().values("content-encoding")).isEmpty();
        }
    }

    @Test
    default void refusesABodyThatHoldsNoModelToReplace() throws Exception {
        try (ContractGateway gateway = gatewayWithModel(OPEN, "override")) {
            WireClient.Response response = gateway.post("[1]".getBytes(UTF_8));

            assertThat(response.status()).isEqualTo(400);
            assertThat(response.error()).containsEntry("type", "invalid_request_error");
            assertThat(gateway.upstream().received()).isEmpty();
        }
    }

    @Test
    default void looksAtNoBodyBeforeTheCredential() throws Exception {
        PolicyEngine both = ContractCases.engine(JwtMode.STRICT, TokenLocation.BEARER, "llm.requestModel == 'small'");
        String line = "POST /v1/chat/completions HTTP/1.1";
        try (ContractGateway gateway = gateway(both)) {
            for (String length : List.of("" + SMALL.length, "" + 100 * RequestBody.DEFAULT_LIMIT)) {
                try (WireClient refused = gateway.connect()) {
                    refused.head(line, "Host: h", "Content-Length: " + length, "Expect: 100-continue");
                    WireClient.Response response = refused.response();
                    assertThat(response.status()).isEqualTo(401);
                    assertThat(response.interim()).isEmpty();
                }
            }
            assertThat(gateway.post(SMALL, "Content-Encoding: gzip").status()).isEqualTo(401);
            assertThat(gateway.post(SMALL, "Content-Encoding: gzip", BEARER).status())
                    .isEqualTo(400);
            assertThat(gateway.post(LARGE, BEARER).status()).isEqualTo(403);
            assertThat(gateway.post(SMALL, BEARER).status()).isEqualTo(200);
            assertThat(gateway.upstream().only().body()).isEqualTo(SMALL);
        }
    }

    @Test
    default void judgesAllOfAnEncodedBodyOrRefusesIt() throws Exception {
        ByteArrayOutputStream two = new ByteArrayOutputStream();
        two.writeBytes(gzip(SMALL));
        two.writeBytes(gzip(LARGE));
        try (ContractGateway gateway = gateway(SMALL_ONLY)) {
            assertThat(gateway.post(two.toByteArray(), "Content-Encoding: gzip").status())
                    .isEqualTo(400);
            assertThat(gateway.upstream().received()).isEmpty();
        }
    }

    @Test
    default void judgesALongBodyAsAShortOne() throws Exception {
        byte[] body = ("{\"model\":\"small\",\"pad\":\"" + "x".repeat(100_000) + "\"}").getBytes(UTF_8);
        try (ContractGateway gateway = gateway(SMALL_ONLY)) {
            assertThat(gateway.post(body).status()).isEqualTo(200);
            assertThat(gateway.upstream().only().body()).isEqualTo(body);
        }
        try (ContractGateway gateway = gatewayWithModel(SMALL_ONLY, "override")) {
            assertThat(gateway.post(body).status()).isEqualTo(200);
            assertThat(gateway.upstream().only().text()).startsWith("{\"model\":\"override\"");
        }
    }

    @Test
    default void asksForABodyOnlyWhereItIsWanted() throws Exception {
        try (ContractGateway gateway = gateway(STRICT)) {
            String line = "POST /v1/chat/completions HTTP/1.1";
            String length = "Content-Length: " + SMALL.length;
            try (WireClient refused = gateway.connect()) {
                refused.head(line, "Host: h", length, "Expect: 100-continue");
                WireClient.Response response = refused.response();
                assertThat(response.status()).isEqualTo(401);
                assertThat(response.interim()).isEmpty();
            }
            try (WireClient allowed = gateway.connect()) {
                allowed.head(line, "Host: h", length, "Expect: 100-continue", BEARER);
                assertThat(allowed.awaitHead().status()).isEqualTo(100);
                assertThat(allowed.send(SMALL).response().status()).isEqualTo(200);
            }
            assertThat(gateway.upstream().only().body()).isEqualTo(SMALL);
            assertThat(gateway.upstream().only().head().values("expect")).isEmpty();
        }
    }

    @Test
    default void asksForABodyThatRulesReadOnlyAfterTheCredential() throws Exception {
        PolicyEngine engine = ContractCases.engine(JwtMode.STRICT, TokenLocation.BEARER, "llm.requestModel == 'small'");
        String line = "POST /v1/chat/completions HTTP/1.1";
        String length = "Content-Length: " + SMALL.length;
        try (ContractGateway gateway = gateway(engine);
                WireClient refused = gateway.connect();
                WireClient allowed = gateway.connect()) {
            refused.head(line, "Host: h", length, "Expect: 100-continue");
            WireClient.Response response = refused.response();
            assertThat(response.status()).isEqualTo(401);
            assertThat(response.interim()).isEmpty();

            allowed.head(line, "Host: h", length, "Expect: 100-continue", BEARER);
            assertThat(allowed.awaitHead().status()).isEqualTo(100);
            assertThat(allowed.send(SMALL).response().status()).isEqualTo(200);
            assertThat(gateway.upstream().only().body()).isEqualTo(SMALL);
        }
    }
}
