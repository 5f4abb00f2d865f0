package io.gatepost.servlet;

import static io.gatepost.servlet.Probe.servlet;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.testkit.AdapterContract.Adapter;
import io.gatepost.testkit.WireClient;
import io.gatepost.tools.token.TokenIssuer;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a servlet sees of a request that was let through, in each container. */
class PolicyFilterTest {
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://issuer.test");
    private static final String TOKEN = ISSUER.token().compact();
    private static final String BEARER = "Authorization: Bearer " + TOKEN;

    private static PolicyEngine.Builder engine(TokenLocation location) {
        return engine(new JwtAuthentication(JwtMode.STRICT, List.of(ISSUER.provider()), location, Origin.CODE));
    }

    private static PolicyEngine.Builder engine(@Nullable JwtAuthentication authentication, String... allowed) {
        Authorization rules = allowed.length == 0 ? null : Authorization.of(AuthorizationAction.ALLOW, allowed);
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", authentication, rules)))
                .expressions(new CelExpressionCompiler());
    }

    private static String answer(Adapter server, String requestLine, String... headers) throws IOException {
        return answer(server, new byte[0], requestLine, headers);
    }

    private static String answer(Adapter server, byte[] body, String requestLine, String... headers)
            throws IOException {
        String[] lines = Arrays.copyOf(headers, headers.length + 2);
        lines[headers.length] = "Host: h";
        lines[headers.length + 1] = "Content-Length: " + body.length;
        try (WireClient client = WireClient.connect(server.address())) {
            WireClient.Response response =
                    client.head(requestLine, lines).send(body).response();
            return response.status() + " " + response.text();
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void givesTheVerifiedTokenInsteadOfTheCredential(Containers.Starter container) throws Exception {
        HttpServlet probe = servlet((request, response) -> List.of(
                request.getUserPrincipal().getName(),
                request.getRemoteUser(),
                ((VerifiedToken) request.getAttribute(PolicyFilter.TOKEN_ATTRIBUTE)).issuer(),
                String.valueOf(request.getHeader("authorization")),
                Collections.list(request.getHeaders("Authorization")),
                Collections.list(request.getHeaderNames()).stream().anyMatch("authorization"::equalsIgnoreCase),
                request.getIntHeader("X-Number")));
        PolicyEngine engine = engine(TokenLocation.BEARER).build();
        try (Adapter server = container.start(new PolicyFilter(engine), probe)) {
            assertThat(answer(server, "GET / HTTP/1.1", BEARER, "X-Number: 7"))
                    .isEqualTo("200 [alice, alice, https://issuer.test, null, [], false, 7]");
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void hidesTheCredentialOfAQueryAmongParameters(Containers.Starter container) throws Exception {
        HttpServlet probe = servlet((request, response) -> List.of(
                String.valueOf(request.getQueryString()),
                String.valueOf(request.getParameter("key")),
                String.valueOf((Object) request.getParameterValues("key")),
                Collections.list(request.getParameterNames()),
                request.getParameterMap().keySet(),
                request.getParameter("a")));
        PolicyEngine engine = engine(new TokenLocation.QueryParameter("key")).build();
        try (Adapter server = container.start(new PolicyFilter(engine), probe)) {
            assertThat(answer(server, "GET /?key=" + TOKEN + "&a=1 HTTP/1.1"))
                    .isEqualTo("200 [a=1, null, null, [a], [a], 1]");
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void hidesTheCredentialAmongCookies(Containers.Starter container) throws Exception {
        HttpServlet probe = servlet((request, response) -> List.of(
                String.valueOf(request.getHeader("Cookie")),
                request.getCookies() == null
                        ? "none"
                        : Arrays.stream(request.getCookies())
                                .map(cookie -> cookie.getName())
                                .toList()));
        PolicyEngine engine = engine(new TokenLocation.Cookie("session")).build();
        try (Adapter server = container.start(new PolicyFilter(engine), probe)) {
            assertThat(answer(server, "GET / HTTP/1.1", "Cookie: a=1; session=" + TOKEN))
                    .isEqualTo("200 [a=1, [a]]");
            assertThat(answer(server, "GET / HTTP/1.1", "Cookie: session=" + TOKEN))
                    .isEqualTo("200 [null, none]");
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void letsABodyBeReadAgainThatWasJudged(Containers.Starter container) throws Exception {
        HttpServlet probe = servlet((request, response) -> switch (request.getRequestURI()) {
            case "/bytes" -> new String(request.getInputStream().readAllBytes(), UTF_8);
            case "/text" -> request.getReader().readLine();
            default -> request.getParameter("a") + request.getParameter("b");
        });
        PolicyEngine engine = engine((JwtAuthentication) null, "string(request.body).startsWith('b=')")
                .build();
        byte[] body = "b=%C3%A4".getBytes(UTF_8);
        String form = "Content-Type: application/x-www-form-urlencoded";
        try (Adapter server = container.start(new PolicyFilter(engine), probe)) {
            assertThat(answer(server, body, "POST /bytes HTTP/1.1")).isEqualTo("200 b=%C3%A4");
            assertThat(answer(server, body, "POST /text HTTP/1.1")).isEqualTo("200 b=%C3%A4");
            assertThat(answer(server, body, "POST /form?a=1 HTTP/1.1", form)).isEqualTo("200 1\u00e4");
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void keepsItsBodyLimit(Containers.Starter container) throws Exception {
        PolicyEngine engine =
                engine((JwtAuthentication) null, "size(request.body) > 0").build();
        HttpServlet probe = servlet((request, response) -> "in");
        try (Adapter server = container.start(new PolicyFilter(engine).withBodyLimit(4), probe)) {
            assertThat(answer(server, new byte[4], "POST / HTTP/1.1")).isEqualTo("200 in");
            assertThat(answer(server, new byte[5], "POST / HTTP/1.1")).startsWith("413 ");
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void judgesARequestOnceHoweverOftenItIsDispatched(Containers.Starter container) throws Exception {
        AtomicInteger decisions = new AtomicInteger();
        PolicyEngine engine = engine(TokenLocation.BEARER)
                .listener((request, decision, elapsed) -> decisions.incrementAndGet())
                .build();
        HttpServlet probe = servlet((request, response) -> {
            switch (request.getRequestURI()) {
                case "/forward" -> request.getRequestDispatcher("/target").forward(request, response);
                case "/async" -> request.startAsync().dispatch("/target");
                default -> {
                    return request.getDispatcherType() + " "
                            + request.getUserPrincipal().getName() + " " + request.getHeader("Authorization");
                }
            }
            return null;
        });
        try (Adapter server = container.start(new PolicyFilter(engine), probe)) {
            assertThat(answer(server, "GET /forward HTTP/1.1", BEARER)).isEqualTo("200 FORWARD alice null");
            assertThat(decisions).hasValue(1);
            assertThat(answer(server, "GET /async HTTP/1.1", BEARER)).isEqualTo("200 ASYNC alice null");
            assertThat(decisions).hasValue(2);
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void letsALaterFilterSeeTheTokenOfAnEarlierOne(Containers.Starter container) throws Exception {
        PolicyFilter first = new PolicyFilter(engine(TokenLocation.BEARER).build());
        PolicyFilter second = new PolicyFilter(
                engine((JwtAuthentication) null, "jwt.sub == 'alice'").build());
        Filter both = (request, response, chain) ->
                first.doFilter(request, response, (asked, answer) -> second.doFilter(asked, answer, chain));
        HttpServlet probe =
                servlet((request, response) -> request.getRemoteUser() + request.getHeader("Authorization"));
        try (Adapter server = container.start(both, probe)) {
            assertThat(answer(server, "GET / HTTP/1.1", BEARER)).isEqualTo("200 alicenull");
            assertThat(answer(
                            server,
                            "GET / HTTP/1.1",
                            "Authorization: Bearer "
                                    + ISSUER.token().subject("bob").compact()))
                    .startsWith("403 ");
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void waitsForAKey(Containers.Starter container) throws Exception {
        TokenIssuer renewed = ISSUER.withNewKey("key-2");
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        AtomicInteger fetches = new AtomicInteger();
        HttpServer keyServer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        keyServer.createContext("/", exchange -> {
            boolean first = fetches.getAndIncrement() == 0;
            if (!first) {
                asked.countDown();
                await(released);
            }
            byte[] keys = (first ? ISSUER.jwks() : renewed.jwks()).getBytes(UTF_8);
            exchange.sendResponseHeaders(200, keys.length);
            exchange.getResponseBody().write(keys);
            exchange.close();
        });
        keyServer.start();
        URI url = URI.create("http://127.0.0.1:" + keyServer.getAddress().getPort() + "/");
        JwtProvider provider =
                JwtProvider.of(ISSUER.issuer(), new JwksSource.RemoteUrl(url, Duration.ofHours(1), Origin.CODE));
        HttpServlet probe =
                servlet((request, response) -> request.getRemoteUser() + " " + request.getHeader("Authorization"));
        try (KeySources keys = KeySources.create();
                PolicyEngine engine = engine(JwtAuthentication.of(JwtMode.STRICT, provider))
                        .keys(keys)
                        .build();
                Adapter server = container.start(new PolicyFilter(engine), probe);
                WireClient client = WireClient.connect(server.address())) {
            assertThat(answerOnceReady(server)).isEqualTo("200 alice null");

            client.head(
                    "GET / HTTP/1.1",
                    "Host: h",
                    "Authorization: Bearer " + renewed.token().subject("bob").compact());
            assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
            released.countDown();
            WireClient.Response response = client.response();
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.text()).isEqualTo("bob null");
        } finally {
            released.countDown();
            keyServer.stop(0);
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** The first keys may still be under way. */
    private static String answerOnceReady(Adapter server) throws IOException {
        String answer = answer(server, "GET / HTTP/1.1", BEARER);
        for (int i = 0; answer.startsWith("503") && i < 10_000; i++) {
            Thread.onSpinWait();
            answer = answer(server, "GET / HTTP/1.1", BEARER);
        }
        return answer;
    }

    @Test
    void isConfiguredByInitParams(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("policy.yaml"), """
                apiVersion: gateway.networking.k8s.io/v1alpha2
                kind: TrafficPolicy
                metadata: {name: p}
                spec:
                  targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: g}]
                  traffic:
                    authorization:
                      policy:
                        matchExpressions: ["size(request.body) == 2"]
                """);
        Map<String, String> parameters = Map.of(
                "policyFile", file.toString(),
                "expressionCompiler", CelExpressionCompiler.class.getName(),
                "bodyLimit", "3");
        try (Adapter server = Containers.jetty(parameters, servlet((request, response) -> "in"))) {
            assertThat(answer(server, new byte[2], "POST / HTTP/1.1")).isEqualTo("200 in");
            assertThat(answer(server, new byte[3], "POST / HTTP/1.1")).startsWith("403 ");
            assertThat(answer(server, new byte[4], "POST / HTTP/1.1")).startsWith("413 ");
        }
    }

    private static String policyOf(String target, String issuer) {
        return """
                kind: AgentgatewayPolicy
                apiVersion: agentgateway.dev/v1alpha1
                metadata: {name: %s}
                spec:
                  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: %s}]
                  traffic:
                    jwtAuthentication:
                      providers: [{issuer: "%s", jwks: {inline: '%s'}}]
                ---
                """.formatted(target, target, issuer, ISSUER.jwks());
    }

    @Test
    void appliesThePoliciesOfTheTargetInTheInitParamOnly(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(
                folder.resolve("policy.yaml"),
                policyOf("admin", "https://admin.test") + policyOf("chat", "https://issuer.test"));
        HttpServlet probe = servlet((request, response) -> "in");

        assertThatThrownBy(() -> Containers.jetty(Map.of("policyFile", file.toString()), probe))
                .isInstanceOf(ServletException.class)
                .hasMessageContaining("`HTTPRoute/default/admin`, `HTTPRoute/default/chat`")
                .hasMessageContaining("target");
        try (Adapter chat = Containers.jetty(Map.of("policyFile", file.toString(), "target", "HTTPRoute/chat"), probe);
                Adapter admin =
                        Containers.jetty(Map.of("policyFile", file.toString(), "target", "HTTPRoute/admin"), probe)) {
            assertThat(answer(chat, "GET / HTTP/1.1", BEARER)).isEqualTo("200 in");
            assertThat(answer(admin, "GET / HTTP/1.1", BEARER)).startsWith("401 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"policyFile", "target", "bodyLimit", "expressionCompiler"})
    void refusesToStartWithAWrongInitParam(String wrong, @TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("policy.yaml"), "kind: TrafficPolicy\nspec: {x: 1}\n");
        Map<String, String> parameters = switch (wrong) {
            case "policyFile" -> Map.of("policyFile", file.toString());
            case "target" -> Map.of("policyFile", file.toString(), "target", "chat");
            case "bodyLimit" -> Map.of("policyFile", file.toString(), "bodyLimit", "0");
            default -> Map.of("policyFile", file.toString(), "expressionCompiler", "java.lang.String");
        };

        assertThatThrownBy(() -> Containers.jetty(parameters, servlet((request, response) -> "in")))
                .isInstanceOf(ServletException.class)
                .hasMessageContaining(wrong.equals("policyFile") ? "policy.yaml:" : wrong);
    }

    @Test
    void refusesToStartWithNeitherAnEngineNorAPolicyFile() {
        assertThatThrownBy(() -> Containers.jetty(Map.of(), servlet((request, response) -> "in")))
                .isInstanceOf(ServletException.class)
                .hasMessageContaining("policyFile");
    }
}
