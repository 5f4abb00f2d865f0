package io.gatepost.servlet;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.policy.forward.Upstream;
import io.gatepost.policy.forward.UpstreamCredential;
import io.gatepost.policy.forward.UpstreamPath;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.testkit.AdapterContract.Adapter;
import io.gatepost.testkit.MessageHead;
import io.gatepost.testkit.ScriptedUpstream;
import io.gatepost.testkit.WireClient;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LlmForwardingServletTest {
    private static Adapter start(ScriptedUpstream upstream) throws Exception {
        LlmForwardingServlet servlet = LlmForwardingServlet.builder(Upstream.of(upstream.base()))
                .responseTimeout(Duration.ofMillis(300))
                .build();
        return Containers.jetty(Site.of(
                new PolicyFilter(PolicyEngine.builder().allowingEverything().build()), servlet));
    }

    @Test
    void givesUpAnUpstreamThatIsSilentForTooLong() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (ScriptedUpstream upstream = ScriptedUpstream.start((request, out) -> over.await());
                Adapter server = start(upstream);
                WireClient client = WireClient.connect(server.address())) {
            WireClient.Response response =
                    client.head("GET / HTTP/1.1", "Host: h").response();

            assertThat(response.status()).isEqualTo(504);
            assertThat(response.error()).containsEntry("code", "upstream_timeout");
        } finally {
            over.countDown();
        }
    }

    @Test
    void breaksOffWhereTheUpstreamFallsSilentHalfWay() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        ScriptedUpstream.Script script = (request, out) -> {
            out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n".getBytes(US_ASCII));
            over.await();
        };
        try (ScriptedUpstream upstream = ScriptedUpstream.start(script);
                Adapter server = start(upstream);
                WireClient client = WireClient.connect(server.address())) {
            MessageHead head = client.head("GET / HTTP/1.1", "Host: h").awaitHead();

            assertThat(head.status()).isEqualTo(200);
            try (InputStream body = client.body(head)) {
                assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
            }
        } finally {
            over.countDown();
        }
    }

    @Test
    void refusesWhatItCannotSendAsItCame() throws Exception {
        try (ScriptedUpstream upstream =
                        ScriptedUpstream.start(ScriptedUpstream.always(ScriptedUpstream.response("200 OK", "")));
                Adapter server = start(upstream);
                WireClient client = WireClient.connect(server.address())) {
            assertThat(client.head("GET / HTTP/1.1", "Host: h", "X-Title: caf\u00e9")
                            .response()
                            .status())
                    .isEqualTo(400);
            assertThat(upstream.received()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void passesOnWhatATrustedProxySaysOfTheUser(Containers.Starter container) throws Exception {
        TokenIssuer issuer = TokenIssuer.of("https://issuer.test");
        PolicyEngine engine = PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of(
                        "p",
                        new JwtAuthentication(
                                JwtMode.STRICT,
                                List.of(issuer.provider()),
                                new TokenLocation.Header("X-Forwarded-Access-Token", null),
                                Origin.CODE),
                        Authorization.of(
                                AuthorizationAction.REQUIRE,
                                "request.headers['x-forwarded-user'] == 'alice'",
                                "request.headers['x-forwarded-email'] == 'alice@example.com'",
                                "request.headers['x-forwarded-groups'] == 'staff,llm'"))))
                .expressions(new CelExpressionCompiler())
                .build();
        for (boolean trusted : new boolean[] {true, false}) {
            TrustedProxies proxies = TrustedProxies.of(List.of(trusted ? "127.0.0.1" : "10.0.0.0/8"));
            try (ScriptedUpstream upstream =
                            ScriptedUpstream.start(ScriptedUpstream.always(ScriptedUpstream.response("200 OK", "")));
                    Adapter server = container.start(
                            new PolicyFilter(engine).withTrustedProxies(proxies),
                            LlmForwardingServlet.to(Upstream.of(upstream.base())));
                    WireClient client = WireClient.connect(server.address())) {
                int status = client.head(
                                "GET /v1/models HTTP/1.1",
                                "Host: h",
                                "X-Forwarded-User: alice",
                                "X-Forwarded-Email: alice@example.com",
                                "X-Forwarded-Groups: staff,llm",
                                "X-Forwarded-Access-Token: " + issuer.token().compact())
                        .response()
                        .status();
                assertThat(status).isEqualTo(trusted ? 200 : 401);
                if (trusted) {
                    MessageHead sent = upstream.only().head();
                    assertThat(sent.values("x-forwarded-user")).containsExactly("alice");
                    assertThat(sent.values("x-forwarded-email")).containsExactly("alice@example.com");
                    assertThat(sent.values("x-forwarded-groups")).containsExactly("staff,llm");
                    assertThat(sent.values("x-forwarded-access-token")).isEmpty();
                }
            }
        }
    }

    @Test
    void refusesAnUpstreamWhoseNameItCannotCheck() {
        Upstream other = new Upstream(
                URI.create("https://10.0.0.1"),
                UpstreamPath.UNCHANGED,
                null,
                UpstreamCredential.NONE,
                null,
                "api.example.com");

        assertThatThrownBy(() -> LlmForwardingServlet.to(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("serverName");
    }
}
