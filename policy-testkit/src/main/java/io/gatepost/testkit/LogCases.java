package io.gatepost.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.forward.UpstreamCredential;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Secrets stay out of logs, at every level. */
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
}
