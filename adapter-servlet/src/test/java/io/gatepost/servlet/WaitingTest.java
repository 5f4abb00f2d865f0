package io.gatepost.servlet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.testkit.AdapterContract.Adapter;
import io.gatepost.testkit.WireClient;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A decision that takes its time is waited for within the chain: what is behind the filter runs as if it had not. */
class WaitingTest {
    private static final int PAIRS = Integer.getInteger("gatepost.pairs", 100);
    private static final int AT_ONCE = 8;
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://issuer.test");
    /** Its signatures are worth handing over. */
    static final TokenIssuer COSTLY = TokenIssuer.of("https://issuer.test", "ES512", "key-1", Clock.systemUTC());

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final FiltersBehind behind = new FiltersBehind();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    static PolicyEngine.Builder engine(JwtProvider provider, String... rules) {
        Authorization authorization = rules.length == 0 ? null : Authorization.of(AuthorizationAction.ALLOW, rules);
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", JwtAuthentication.of(JwtMode.STRICT, provider), authorization)))
                .expressions(new CelExpressionCompiler());
    }

    /** An engine that knows what a signature takes, and has others checked elsewhere from now on. */
    static PolicyEngine verifyingOn(Executor executor, PolicyEngine.Builder builder) {
        PolicyEngine engine = builder.verifyOn(executor).build();
        engine.decide(PolicyRequest.builder("GET", "http://h/")
                .header("Authorization", "Bearer " + COSTLY.token().compact())
                .build());
        return engine;
    }

    private static JwtProvider remote(HttpServer keys) {
        URI url = URI.create("http://127.0.0.1:" + keys.getAddress().getPort() + "/");
        return JwtProvider.of(ISSUER.issuer(), new JwksSource.RemoteUrl(url, Duration.ofHours(1), Origin.CODE));
    }

    private Adapter start(Containers.Starter container, PolicyEngine engine) throws Exception {
        return container.start(
                Site.of(new PolicyFilter(engine), behind.servlet()).behind(behind.all()));
    }

    /** A GET where the number is even, otherwise a POST, which the CsrfFilter refuses. */
    private int ask(Adapter server, int number, String token) throws IOException {
        try (WireClient client = WireClient.connect(server.address())) {
            return client.head(
                            (number % 2 == 0 ? "GET" : "POST") + " / HTTP/1.1",
                            "Host: h",
                            "Content-Length: 0",
                            "X-Id: " + number,
                            "Authorization: Bearer " + token)
                    .response()
                    .status();
        }
    }

    private void assertThatAllHaveRunOnce(int number, int status) {
        assertThat(status + " " + behind.seen("" + number)).isEqualTo(number % 2 == 0 ? "200 POCS" : "403 POC");
    }

    private List<Future<Integer>> askAtOnce(Adapter server, List<String> tokens) {
        CyclicBarrier together = new CyclicBarrier(tokens.size());
        List<Future<Integer>> asked = new ArrayList<>();
        for (int i = 0; i < tokens.size(); i++) {
            int number = i;
            asked.add(threads.submit(() -> {
                together.await(20, TimeUnit.SECONDS);
                return ask(server, number, tokens.get(number));
            }));
        }
        return asked;
    }

    private void assertThatAllHaveRunOnce(List<Future<Integer>> asked) throws Exception {
        for (int i = 0; i < asked.size(); i++) {
            assertThatAllHaveRunOnce(i, asked.get(i).get(20, TimeUnit.SECONDS));
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void runsEachFilterOnceForTwoRequestsWithOneFreshToken(Containers.Starter container) throws Exception {
        try (PolicyEngine engine = engine(ISSUER.provider()).build();
                Adapter server = start(container, engine)) {
            CyclicBarrier together = new CyclicBarrier(2);
            for (int i = 0; i < PAIRS; i++) {
                int number = 2 * i;
                String token = ISSUER.token().claim("jti", "" + i).compact();
                Future<Integer> post = threads.submit(() -> {
                    together.await(20, TimeUnit.SECONDS);
                    return ask(server, number + 1, token);
                });
                together.await(20, TimeUnit.SECONDS);
                assertThatAllHaveRunOnce(number, ask(server, number, token));
                assertThatAllHaveRunOnce(number + 1, post.get(20, TimeUnit.SECONDS));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void runsEachFilterOnceForRequestsThatComeBeforeTheKeys(Containers.Starter container) throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        HttpServer keyServer = keyServer(asked, released, ISSUER.jwks());
        try (KeySources keys = KeySources.create();
                PolicyEngine engine = engine(remote(keyServer)).keys(keys).build();
                Adapter server = start(container, engine)) {
            List<Future<Integer>> statuses = askAtOnce(server, tokens(ISSUER));
            assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
            released.countDown();
            assertThatAllHaveRunOnce(statuses);
        } finally {
            released.countDown();
            keyServer.stop(0);
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void runsEachFilterOnceForRequestsThatComeWithANewKey(Containers.Starter container) throws Exception {
        TokenIssuer renewed = ISSUER.withNewKey("key-2");
        CountDownLatch asked = new CountDownLatch(2);
        CountDownLatch released = new CountDownLatch(1);
        HttpServer keyServer = keyServer(asked, released, ISSUER.jwks(), renewed.jwks());
        try (KeySources keys = KeySources.create();
                PolicyEngine engine = engine(remote(keyServer)).keys(keys).build();
                Adapter server = start(container, engine)) {
            assertThatAllHaveRunOnce(98, ask(server, 98, ISSUER.token().compact()));

            List<Future<Integer>> statuses = askAtOnce(server, tokens(renewed));
            assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
            released.countDown();
            assertThatAllHaveRunOnce(statuses);
        } finally {
            released.countDown();
            keyServer.stop(0);
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void runsEachFilterOnceWhereOtherThreadsVerify(Containers.Starter container) throws Exception {
        ExecutorService verifiers = Executors.newFixedThreadPool(2);
        AtomicInteger handedOver = new AtomicInteger();
        Executor counting = task -> {
            handedOver.incrementAndGet();
            verifiers.execute(task);
        };
        try (PolicyEngine engine = verifyingOn(counting, engine(COSTLY.provider()));
                Adapter server = start(container, engine)) {
            for (int i = 0; i < PAIRS; i++) {
                assertThatAllHaveRunOnce(
                        i, ask(server, i, COSTLY.token().claim("jti", "" + i).compact()));
            }
            assertThat(handedOver).hasPositiveValue();
        } finally {
            verifiers.shutdownNow();
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void readsABodyOnTheThreadOfTheRequestWhereverItsTokenIsVerified(Containers.Starter container) throws Exception {
        ExecutorService verifiers = Executors.newSingleThreadExecutor();
        PolicyEngine engine = verifyingOn(verifiers, engine(COSTLY.provider(), "string(request.body) == 'body'"));
        String token =
                "Authorization: Bearer " + COSTLY.token().claim("jti", "1").compact();
        String other =
                "Authorization: Bearer " + COSTLY.token().claim("jti", "2").compact();
        try (engine;
                Adapter server = start(container, engine);
                WireClient slow = WireClient.connect(server.address());
                WireClient quick = WireClient.connect(server.address())) {
            slow.head("GET / HTTP/1.1", "Host: h", "X-Id: slow", "Content-Length: 4", token);
            slow.send("bo".getBytes(UTF_8));
            // The one thread that verifies is not held by a client that takes its time.
            quick.head("GET / HTTP/1.1", "Host: h", "X-Id: quick", "Content-Length: 4", other);
            quick.send("body".getBytes(UTF_8));
            assertThat(quick.response().status()).isEqualTo(200);
            slow.send("dy".getBytes(UTF_8));
            assertThat(slow.response().status()).isEqualTo(200);
            assertThat(behind.seen("slow") + behind.seen("quick")).isEqualTo("POCSPOCS");
        } finally {
            verifiers.shutdownNow();
        }
    }

    private static List<String> tokens(TokenIssuer issuer) {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            tokens.add(issuer.token().claim("jti", "" + i).compact());
        }
        return tokens;
    }

    /** Gives one set after the other; the last one only when it is released. */
    private static HttpServer keyServer(CountDownLatch asked, CountDownLatch released, String... sets)
            throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        List<String> left = new ArrayList<>(List.of(sets));
        server.createContext("/", exchange -> {
            String set = left.size() > 1 ? left.remove(0) : left.get(0);
            asked.countDown();
            if (left.size() == 1 && asked.getCount() == 0) {
                await(released);
            }
            byte[] keys = set.getBytes(UTF_8);
            exchange.sendResponseHeaders(200, keys.length);
            exchange.getResponseBody().write(keys);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
