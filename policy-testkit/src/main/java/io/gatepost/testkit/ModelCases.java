package io.gatepost.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.testkit.ScriptedUpstream.Received;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The model that rules judge is the model that is sent, and a model of the upstream's own is the only one it hears. */
interface ModelCases extends ContractCases {
    String FORM = "multipart/form-data; boundary=xYzZy";
    String ENCODED = "application/x-www-form-urlencoded";
    String TRANSCRIPTIONS = "/v1/audio/transcriptions";

    /** A form with a file whose octets are no text. */
    static byte[] form(String model) {
        return part("Content-Disposition: form-data; name=\"model\"", model);
    }

    static byte[] part(String head, String value) {
        return ("--xYzZy\r\n"
                        + "Content-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\n"
                        + "Content-Type: audio/mpeg\r\n\r\n\377\0\r\n--x\r\n\n\375\r\n"
                        + "--xYzZy\r\n" + head + "\r\n\r\n" + value + "\r\n"
                        + "--xYzZy--\r\n")
                .getBytes(ISO_8859_1);
    }

    @Test
    default void passesOnWhatNamesNoModel() throws Exception {
        try (ContractGateway gateway = gatewayWithModel(OPEN, "override")) {
            assertThat(gateway.send("GET /v1/models HTTP/1.1").status()).isEqualTo(200);
            assertThat(gateway.send("GET /v1/models/ft:nano:org:x HTTP/1.1").status())
                    .isEqualTo(200);
            try (WireClient client = gateway.connect()) {
                client.head("HEAD /v1/models HTTP/1.1", "Host: h");
                assertThat(client.responseToHead().status()).isEqualTo(200);
            }
            assertThat(gateway.send("DELETE /v1/files/f1 HTTP/1.1").status()).isEqualTo(200);
            assertThat(gateway.send("POST /v1/responses/r1/cancel HTTP/1.1", "Content-Length: 0")
                            .status())
                    .isEqualTo(200);
            byte[] named = "{ \"name\":\"a\" }".getBytes(UTF_8);
            byte[] packed = BodyCases.gzip(named);
            byte[] sound = "\0\1\377".getBytes(ISO_8859_1);
            assertThat(gateway.post("/v1/vector_stores", "application/json", named)
                            .status())
                    .isEqualTo(200);
            assertThat(gateway.post("/v1/vector_stores", "application/json", packed, "Content-Encoding: gzip")
                            .status())
                    .isEqualTo(200);
            assertThat(gateway.post("/v1/x", "application/octet-stream", sound).status())
                    .isEqualTo(200);

            List<Received> sent = gateway.upstream().received();
            assertThat(sent.subList(0, 5)).allSatisfy(request -> {
                assertThat(request.body()).isEmpty();
                assertThat(request.head().values("transfer-encoding")).isEmpty();
            });
            assertThat(sent.subList(5, 8)).extracting(Received::body).containsExactly(named, packed, sound);
            assertThat(sent.get(6).head().values("content-encoding")).containsExactly("gzip");
        }
    }

    @Test
    default void setsTheModelWhereABodyAsksOne() throws Exception {
        try (ContractGateway gateway = gatewayWithModel(OPEN, "override")) {
            gateway.post("{\"n\":1.50}".getBytes(UTF_8));
            gateway.post("/v1/x", "text/plain", " {\"model\":\"large\"}".getBytes(UTF_8));
            gateway.post(Zstd.compress(BodyCases.LARGE), "Content-Encoding: zstd");

            assertThat(gateway.upstream().received())
                    .extracting(Received::text)
                    .containsExactly(
                            "{\"n\":1.50,\"model\":\"override\"}",
                            "{\"model\":\"override\"}",
                            "{\"model\":\"override\"}");
        }
    }

    @Test
    default void refusesABodyThatSomebodyCouldReadAnotherModelIn() throws Exception {
        try (ContractGateway gateway = gatewayWithModel(OPEN, "override")) {
            for (String body : List.of(
                    "{\"model\":\"override\"} {\"model\":\"large\"}",
                    "{\"model\":\"override\",\"Model\":\"large\"}",
                    "{\"model\":\"a\",\"model\":\"large\"}",
                    "[{\"model\":\"large\"}]",
                    "{model:'large'}")) {
                assertThat(gateway.post("/v1/x", "text/plain", body.getBytes(UTF_8))
                                .status())
                        .as(body)
                        .isEqualTo(400);
            }
            assertThat(gateway.post("/v1/x", "multipart/related; boundary=xYzZy", form("large"))
                            .status())
                    .isEqualTo(400);
            assertThat(gateway.upstream().received()).isEmpty();
        }
    }

    @Test
    default void judgesTheModelOfAForm() throws Exception {
        try (ContractGateway gateway = gateway(BodyCases.SMALL_ONLY)) {
            assertThat(gateway.post(TRANSCRIPTIONS, FORM, form("large")).status())
                    .isEqualTo(403);
            assertThat(gateway.post(TRANSCRIPTIONS + "?model=large", FORM, form("small"))
                            .status())
                    .isEqualTo(400);
            assertThat(gateway.post("/v1/completions", ENCODED, "prompt=a&model=large".getBytes(UTF_8))
                            .status())
                    .isEqualTo(403);
            assertThat(gateway.post(TRANSCRIPTIONS, FORM, form("small")).status())
                    .isEqualTo(200);
            assertThat(gateway.post("/v1/completions", ENCODED, "prompt=a&model=small".getBytes(UTF_8))
                            .status())
                    .isEqualTo(200);

            assertThat(gateway.upstream().received())
                    .extracting(Received::body)
                    .containsExactly(form("small"), "prompt=a&model=small".getBytes(UTF_8));
        }
    }

    @Test
    default void knowsTheOtherFieldsOfAForm() throws Exception {
        PolicyEngine english = ContractCases.rules("llm.params.language == 'en' && !llm.streaming");
        try (ContractGateway gateway = gateway(english)) {
            assertThat(gateway.post(
                                    TRANSCRIPTIONS,
                                    FORM,
                                    part("Content-Disposition: form-data; name=\"language\"", "en"))
                            .status())
                    .isEqualTo(200);
            assertThat(gateway.post(TRANSCRIPTIONS, FORM, form("small")).status())
                    .isEqualTo(403);
        }
    }

    @Test
    default void refusesAFormWithTwoReadings() throws Exception {
        String name = "Content-Disposition: form-data; name=";
        List<byte[]> forms = List.of(
                part(name + "\"model\"", "small\r\n--xYzZy\r\n" + name + "\"model\"\r\n\r\nlarge"),
                part(name + "\"model\"; name=\"x\"", "small"),
                part(name + "\"model\"; name*=utf-8''large", "small"),
                part(name + "\"mo\\del\"", "small"),
                part(name + "\"%6dodel\"", "small"),
                part(name + "\"Model\"", "small"),
                part(name + "\"x\"; filename=\"\\\"; name=\"model\"", "small"),
                part(name + "\"model\"; filename=\"a\"", "small"),
                part(name + "\"model\"\r\nContent-Type: text/plain; charset=utf-16", "small"),
                part(name + "\"model\"\r\nContent-Transfer-Encoding: base64", "c21hbGw="),
                part(name + "\"model\"\r\n" + name + "\"x\"", "small"),
                part(name + "\"model\"", "small\n--xYzZy\n" + name + "\"model\"\n\nlarge"),
                part(name + "\"model\"", "small\r\n--xYzZy \r\n" + name + "\"x\"\r\n\r\n"),
                part(name + "\"model\"", " small"),
                ("preamble\r\n" + new String(form("small"), ISO_8859_1)).getBytes(ISO_8859_1),
                (new String(form("small"), ISO_8859_1) + "epilogue").getBytes(ISO_8859_1),
                "{\"model\":\"small\"}".getBytes(UTF_8));
        for (ContractGateway opened : List.of(gateway(BodyCases.SMALL_ONLY), gatewayWithModel(OPEN, "override"))) {
            try (ContractGateway gateway = opened) {
                for (byte[] form : forms) {
                    assertThat(gateway.post(TRANSCRIPTIONS, FORM, form).status())
                            .as(new String(form, ISO_8859_1))
                            .isEqualTo(400);
                }
                for (String type : List.of(
                        "multipart/form-data",
                        FORM + "; boundary=b",
                        FORM + "\r\nContent-Type: application/json",
                        "application/json, " + FORM,
                        FORM + "; charset=utf-16")) {
                    assertThat(gateway.post(TRANSCRIPTIONS, type, form("small")).status())
                            .as(type)
                            .isEqualTo(400);
                }
                for (String pairs :
                        List.of("model=small&model=large", "model=small;model=large", "model=small&Model=large")) {
                    assertThat(gateway.post("/v1/completions", ENCODED, pairs.getBytes(UTF_8))
                                    .status())
                            .as(pairs)
                            .isEqualTo(400);
                }
                assertThat(gateway.upstream().received()).isEmpty();
            }
        }
    }

    @Test
    default void setsTheModelOfAFormAndNothingElse() throws Exception {
        byte[] bare = part("Content-Disposition: form-data; name=\"language\"", "en");
        try (ContractGateway gateway = gatewayWithModel(OPEN, "override")) {
            gateway.post(TRANSCRIPTIONS, FORM, form("large"));
            gateway.post(
                    TRANSCRIPTIONS,
                    "multipart/form-data; boundary=\"xYzZy\"",
                    BodyCases.gzip(form("a")),
                    "Content-Encoding: gzip");
            gateway.post("/v1/files", FORM, bare);
            gateway.post(TRANSCRIPTIONS, FORM, bare);
            gateway.post("/v1/x", ENCODED, "a=%20+&mod%65l=large&b".getBytes(UTF_8));

            List<Received> sent = gateway.upstream().received();
            assertThat(sent.get(0).body()).isEqualTo(form("override"));
            assertThat(sent.get(1).body()).isEqualTo(form("override"));
            assertThat(sent.get(2).body()).isEqualTo(bare);
            assertThat(new String(sent.get(3).body(), ISO_8859_1))
                    .isEqualTo("--xYzZy\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\noverride\r\n"
                            + new String(bare, ISO_8859_1));
            assertThat(sent.get(4).text()).isEqualTo("a=%20+&model=override&b");
        }
    }

    @Test
    default void namesNoOtherModelInTheTarget() throws Exception {
        try (ContractGateway gateway = gatewayWithModel(OPEN, "over ride")) {
            String line = "GET /v1/realtime?%s HTTP/1.1";
            for (String query : List.of("a=1&model=large&b", "MOD%45L=large&model=x&model=over+ride", "a=b+c")) {
                assertThat(gateway.send(line.formatted(query)).status()).isEqualTo(200);
            }
            assertThat(gateway.post("/v1/chat/completions?model=large", "application/json", BodyCases.SMALL)
                            .status())
                    .isEqualTo(200);
            assertThat(gateway.upstream().received())
                    .extracting(request -> request.head().target())
                    .containsExactly(
                            "/v1/realtime?a=1&model=over+ride&b",
                            "/v1/realtime?model=over+ride&model=over+ride&model=over+ride",
                            "/v1/realtime?a=b+c",
                            "/v1/chat/completions?model=over+ride");
        }
    }

    @Test
    default void refusesATargetThatGoesOnNamingAnotherModel() throws Exception {
        try (ContractGateway gateway = gatewayWithModel(OPEN, "override")) {
            assertThat(gateway.send("GET /v1/realtime?a=b;model=large HTTP/1.1").status())
                    .isEqualTo(400);
            for (String path :
                    List.of("/openai/deployments/large/chat/completions", "/v1beta/models/large:generateContent")) {
                WireClient.Response response = gateway.post(path, "application/json", BodyCases.SMALL);
                assertThat(response.status()).isEqualTo(400);
                assertThat(response.error()).containsEntry("code", "model_not_served");
            }
            assertThat(gateway.upstream().received()).isEmpty();
            assertThat(gateway.post(
                                    "/openai/deployments/override/chat/completions",
                                    "application/json",
                                    BodyCases.SMALL)
                            .status())
                    .isEqualTo(200);
        }
    }
}
