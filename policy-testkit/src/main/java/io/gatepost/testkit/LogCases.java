package io.gatepost.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.forward.UpstreamCredential;
import io.gatepost.policy.log.DenialLog;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.TokenLocation;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Refusals are logged; secrets stay out of logs, at every level. */
interface LogCases extends ContractCases {
    Set<String> serverLoggers();

    @Test
    default void logsNoSecretAtAnyLevel() throws Exception {
        try (CapturedLogs logs = CapturedLogs.start(serverLoggers());
                ContractGateway gateway = gateway(STRICT, new UpstreamCredential.Bearer(UPSTREAM_KEY))) {
            assertThat(gateway.post("{}".getBytes(UTF_8), BEARER).status()).isEqualTo(200);
            assertThat(gateway.send("GET / HTTP/1.1", BEARER, BEARER).status()).isEqualTo(400);
            assertThat(gateway.send("GET / HTTP/1.1", BEARER + "x").status()).isEqualTo(401);
            gateway.upstream().close();
            assertThat(gateway.send("GET / HTTP/1.1", BEARER).status()).isEqualTo(502);

            String signature = TOKEN.substring(TOKEN.lastIndexOf('.') + 1);
            assertThat(logs.text()).contains(CapturedLogs.SIGN_OF_LIFE).doesNotContain(UPSTREAM_KEY, signature);
        }
    }

    @Test
    default void logsEachRefusalInOneLine() throws Exception {
        PolicyEngine engine = ContractCases.engine(JwtMode.STRICT, TokenLocation.BEARER, "llm.requestModel == 'small'");
        String forged = TOKEN.substring(0, TOKEN.length() - 8) + "AAAAAAAA";
        try (CapturedLogs logs = CapturedLogs.start(serverLoggers());
                ContractGateway gateway = gateway(engine)) {
            WireClient.Response missing =
                    gateway.send("GET /v1/models?key=of-the-query HTTP/1.1", "X-Request-Id: req-42");
            WireClient.Response bad = gateway.send("GET /v1/models HTTP/1.1", "Authorization: Bearer " + forged);
            WireClient.Response forbidden = gateway.post("{\"model\":\"large\"}".getBytes(UTF_8), BEARER);
            WireClient.Response encoded =
                    gateway.post("{\"model\":\"large\"}".getBytes(UTF_8), BEARER, "Content-Encoding: unheard-of");

            assertThat(logs.of(DenialLog.LOGGER))
                    .satisfiesExactly(
                            line -> assertThat(line)
                                    .contains("reason=TOKEN_MISSING status=401 route=", " path=/v1/models:")
                                    .contains(" requestId=req-42 method=GET"),
                            line -> assertThat(line)
                                    .contains("reason=SIGNATURE_INVALID status=401 route=", requestId(bad)),
                            line -> assertThat(line)
                                    .contains("status=403 route=", " path=/v1/chat/completions:")
                                    .contains(requestId(forbidden)),
                            line -> assertThat(line).contains("refused: status=415 route=", requestId(encoded)));
            assertThat(missing.head().values("x-request-id")).containsExactly("req-42");
            assertThat(logs.of(DenialLog.LOGGER).toString())
                    .doesNotContain("of-the-query", forged, TOKEN, "alice", "large");
        }
    }

    private static String requestId(WireClient.Response answer) {
        return " requestId=" + String.join("", answer.head().values("x-request-id")) + " ";
    }

    @Test
    default void givesALogNoIdThatCouldBeText() throws Exception {
        try (CapturedLogs logs = CapturedLogs.start(serverLoggers());
                ContractGateway gateway = gateway(STRICT)) {
            for (String id : List.of("a b=c", TOKEN, "<id>", "x".repeat(500))) {
                WireClient.Response answer = gateway.send("GET / HTTP/1.1", "X-Request-Id: " + id);

                assertThat(answer.head().values("x-request-id"))
                        .singleElement()
                        .asString()
                        .matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
                assertThat(logs.of(DenialLog.LOGGER).toString())
                        .contains(requestId(answer))
                        .doesNotContain(id);
            }
        }
    }

    @Test
    default void endsAFloodOfLines() throws Exception {
        try (CapturedLogs logs = CapturedLogs.start(serverLoggers());
                ContractGateway gateway = gateway(STRICT)) {
            long begun = System.nanoTime();
            for (int i = 0; i < 400; i++) {
                assertThat(gateway.send("GET / HTTP/1.1").status()).isEqualTo(401);
            }
            long seconds = (System.nanoTime() - begun) / 1_000_000_000L + 1;

            assertThat(logs.of(DenialLog.LOGGER)).hasSizeBetween(100, (int) Math.min(400, 101 * (seconds + 1)));
        }
    }
}
