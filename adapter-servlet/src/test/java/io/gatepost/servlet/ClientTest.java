package io.gatepost.servlet;

import static io.gatepost.servlet.Probe.servlet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.testkit.AdapterContract.Adapter;
import io.gatepost.testkit.WireClient;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who sent a request, for rules and for whatever is behind the filter. */
class ClientTest {
    private static final String[] TOLD = {
        "Host: inner:8080",
        "X-Forwarded-For: 6.6.6.6, 203.0.113.7",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: llm.example",
        "X-Real-IP: 6.6.6.6",
        "Forwarded: for=6.6.6.6"
    };
    private static final HttpServlet WHO = servlet((request, response) -> who(request));
    private static final TrustedProxies LOOPBACK = TrustedProxies.of(List.of("127.0.0.0/8"));

    private static List<Object> who(HttpServletRequest request) {
        return List.of(
                request.getRemoteAddr(),
                request.getRemoteHost(),
                request.isSecure(),
                request.getRequestURL(),
                request.getServerName() + ":" + request.getServerPort(),
                Collections.list(request.getHeaders("host")),
                Collections.list(request.getHeaders("X-FORWARDED-FOR")),
                String.valueOf(request.getHeader("x-real-ip")),
                request.getHeader("forwarded"),
                Collections.list(request.getHeaderNames()).stream()
                        .map(name -> name.toLowerCase(Locale.ROOT))
                        .filter(name -> name.contains("forwarded") || name.contains("real"))
                        .sorted()
                        .toList());
    }

    private static PolicyEngine allowing(String rule) {
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", null, Authorization.of(AuthorizationAction.ALLOW, rule))))
                .expressions(new CelExpressionCompiler())
                .build();
    }

    private static String ask(Adapter server, String target, String... headers) throws IOException {
        try (WireClient client = WireClient.connect(server.address())) {
            WireClient.Response response =
                    client.head("GET " + target + " HTTP/1.1", headers).response();
            return response.status() + " " + response.text();
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void isWhomATrustedProxyNames(Containers.Starter container) throws Exception {
        PolicyEngine engine = allowing("source.address == '203.0.113.7' && request.scheme == 'https'"
                + " && request.host == 'llm.example' && request.headers['x-forwarded-for'] == '203.0.113.7'"
                + " && !('x-real-ip' in request.headers)");
        try (Adapter server = container.start(new PolicyFilter(engine).withTrustedProxies(LOOPBACK), WHO)) {
            assertThat(ask(server, "/a", TOLD))
                    .isEqualTo("200 [203.0.113.7, 203.0.113.7, true, https://llm.example/a, llm.example:443,"
                            + " [llm.example], [203.0.113.7], null,"
                            + " for=203.0.113.7;host=\"llm.example\";proto=https,"
                            + " [forwarded, x-forwarded-for, x-forwarded-host, x-forwarded-proto]]");
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void isWhoeverConnectsWhereNoProxyIsTrusted(Containers.Starter container) throws Exception {
        PolicyEngine engine = allowing("source.address == '127.0.0.1' && request.scheme == 'http'"
                + " && request.host == 'inner:8080' && request.headers['x-forwarded-for'] == '127.0.0.1'");
        for (TrustedProxies proxies : List.of(TrustedProxies.NONE, TrustedProxies.of(List.of("10.0.0.0/8")))) {
            try (Adapter server = container.start(new PolicyFilter(engine).withTrustedProxies(proxies), WHO)) {
                assertThat(ask(server, "/a", TOLD))
                        .startsWith("200 [127.0.0.1, ")
                        .endsWith(", false, http://inner:8080/a, inner:8080, [inner:8080], [127.0.0.1], null,"
                                + " for=127.0.0.1;host=\"inner:8080\";proto=http,"
                                + " [forwarded, x-forwarded-for, x-forwarded-host, x-forwarded-proto]]");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void staysTheSameInDispatches(Containers.Starter container) throws Exception {
        HttpServlet failing = servlet((request, response) -> {
            if (request.getDispatcherType() == DispatcherType.REQUEST) {
                if (request.getRequestURI().equals("/forward")) {
                    request.getRequestDispatcher("/to").forward(request, response);
                } else {
                    request.startAsync().dispatch("/to");
                }
                return null;
            }
            return request.getRemoteAddr() + " " + request.getHeader("x-forwarded-for");
        });
        PolicyFilter filter = new PolicyFilter(allowing("true")).withTrustedProxies(LOOPBACK);
        try (Adapter server = container.start(filter, failing)) {
            for (String target : List.of("/forward", "/async")) {
                assertThat(ask(server, target, TOLD)).as(target).isEqualTo("200 203.0.113.7 203.0.113.7");
            }
        }
    }

    @Test
    void trustsTheProxiesOfAnInitParam(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("policy.yaml"), """
                kind: AgentgatewayPolicy
                apiVersion: agentgateway.dev/v1alpha1
                metadata: {name: by-address}
                spec:
                  targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: llm}]
                  traffic:
                    authorization:
                      action: Allow
                      policy: {matchExpressions: ["source.address == '203.0.113.7'"]}
                """);
        Map<String, String> parameters = Map.of(
                "policyFile", file.toString(),
                "expressionCompiler", CelExpressionCompiler.class.getName(),
                "trustedProxies", "10.0.0.0/8, 127.0.0.1");
        try (Adapter server = Containers.jetty(parameters, WHO)) {
            assertThat(ask(server, "/a", TOLD)).startsWith("200 ");
            String[] others = Arrays.copyOf(TOLD, TOLD.length);
            others[1] = "X-Forwarded-For: 203.0.113.8";
            assertThat(ask(server, "/a", others)).startsWith("403 ");
        }
        assertThatThrownBy(() ->
                        Containers.jetty(Map.of("policyFile", file.toString(), "trustedProxies", "everybody"), WHO))
                .isInstanceOf(ServletException.class)
                .hasMessageContaining("init-param `trustedProxies`: expected a network");
    }
}
