package io.gatepost.undertow;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.testkit.WireClient;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A guard in front of handlers that Undertow chooses by its own reading of a path. */
class DispatchedPathTest {
    private static final PolicyEngine NOT_ADMIN = PolicyEngine.builder()
            .policies(List.of(TrafficPolicy.of(
                    "not-admin",
                    null,
                    Authorization.of(AuthorizationAction.DENY, "request.path.startsWith('/admin')"))))
            .expressions(new CelExpressionCompiler())
            .build();

    private Undertow server;

    @BeforeEach
    void start() {
        HttpHandler paths = Handlers.path(
                        exchange -> exchange.setStatusCode(204).endExchange())
                .addPrefixPath("/admin", exchange -> exchange.setStatusCode(299).endExchange());
        server = Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                .setHandler(new PolicyHandler(NOT_ADMIN, paths))
                .build();
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/admin",
                "/%61dmin/x",
                "/admin;a/x",
                "/;a/admin/x",
                "//admin/x",
                "/;/admin",
                "/%2561dmin",
                "/admin%3Ba/x",
                "/%2Fadmin"
            })
    void neverLetsAWayInThatTheRuleDoesNotSee(String path) throws IOException {
        assertThat(status(path)).isNotEqualTo(299);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/v1/chat/completions", "/v1/a%20b", "/v1/%C3%A9", "/v1/org%2Fmodel", "/%76%31"})
    void letsThroughWhatBothReadAlike(String path) throws IOException {
        assertThat(status(path)).isEqualTo(204);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1;a=1", "/v1//models", "/v1/;/models", "/v1/%3B"})
    void refusesWhatHandlersReadOtherwise(String path) throws IOException {
        assertThat(status(path)).isEqualTo(400);
    }

    private int status(String path) throws IOException {
        InetSocketAddress address =
                (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
        try (WireClient client = WireClient.connect(address)) {
            client.head("GET " + path + " HTTP/1.1", "Host: h", "Connection: close");
            return client.response().status();
        }
    }
}
