package io.gatepost.undertow;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.forward.Upstream;
import io.gatepost.testkit.ScriptedUpstream;
import io.gatepost.testkit.WireClient;
import io.undertow.Undertow;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LlmForwardingHandlerTest {
    @Test
    void givesUpAnUpstreamThatIsSilentForTooLong() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (ScriptedUpstream upstream = ScriptedUpstream.start((request, out) -> over.await());
                LlmForwardingHandler forwarding = LlmForwardingHandler.builder(Upstream.of(upstream.base()))
                        .responseTimeout(Duration.ofMillis(300))
                        .build()) {
            Undertow server = Undertow.builder()
                    .addHttpListener(0, "127.0.0.1", forwarding)
                    .build();
            server.start();
            InetSocketAddress address =
                    (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
            try (WireClient client = WireClient.connect(address)) {
                WireClient.Response response =
                        client.head("GET / HTTP/1.1", "Host: h").response();

                assertThat(response.status()).isEqualTo(504);
                assertThat(response.error()).containsEntry("code", "upstream_timeout");
            } finally {
                server.stop();
            }
        } finally {
            over.countDown();
        }
    }
}
