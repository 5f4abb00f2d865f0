package io.gatepost.samples.boot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TrafficPolicy;
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
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * A whole application with Spring Security behind the guard: what a decision has to wait for changes nothing for the
 * filters behind.
 */
class SpringSecurityTest {
    private static final int PAIRS = Integer.getInteger("gatepost.pairs", 100);
    private static final int AT_ONCE = 8;
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://issuer.test");
    /** Its signatures are worth handing over to other threads. */
    private static final TokenIssuer COSTLY =
            TokenIssuer.of("https://issuer.test", "ES512", "key-1", Clock.systemUTC());

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @BeforeEach
    void forget() {
        Secured.SEEN.clear();
    }

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    private static PolicyEngine.Builder engine(JwtProvider provider) {
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", JwtAuthentication.of(JwtMode.STRICT, provider), null)));
    }

    private static JwtProvider remote(HttpServer keys) {
        URI url = URI.create("http://127.0.0.1:" + keys.getAddress().getPort() + "/");
        return JwtProvider.of(ISSUER.issuer(), new JwksSource.RemoteUrl(url, Duration.ofHours(1), Origin.CODE));
    }

    private static ConfigurableApplicationContext start(PolicyEngine engine) {
        return new SpringApplicationBuilder(Application.class, Secured.class)
                .initializers(context -> ((GenericApplicationContext) context)
                        .registerBean("given", Given.class, () -> new Given(engine)))
                .run(
                        "--server.port=0",
                        "--server.address=127.0.0.1",
                        "--spring.autoconfigure.exclude=",
                        "--gatepost.policy-file=of-the-case");
    }

    /** A GET where the number is even, otherwise a POST, which the CsrfFilter refuses. */
    private static int ask(ConfigurableApplicationContext application, int number, String token) throws IOException {
        int port = Objects.requireNonNull(((ServletWebServerApplicationContext) application).getWebServer())
                .getPort();
        try (WireClient client = WireClient.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            return client.head(
                            (number % 2 == 0 ? "GET" : "POST") + " /whoami HTTP/1.1",
                            "Host: app.test",
                            "Content-Length: 0",
                            "X-Id: " + number,
                            "Authorization: Bearer " + token)
                    .response()
                    .status();
        }
    }

    private static void assertThatAllHaveRunOnce(int number, int status) {
        assertThat(status + " " + Secured.SEEN.get("" + number)).isEqualTo(number % 2 == 0 ? "200 CPO" : "403 C");
    }

    private void askAtOnce(ConfigurableApplicationContext application, TokenIssuer issuer, CountDownLatch... keys)
            throws Exception {
        CyclicBarrier together = new CyclicBarrier(AT_ONCE);
        List<Future<Integer>> asked = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            int number = i;
            asked.add(threads.submit(() -> {
                together.await(20, TimeUnit.SECONDS);
                return ask(application, number, token(issuer, number));
            }));
        }
        assertThat(keys[0].await(20, TimeUnit.SECONDS)).isTrue();
        keys[1].countDown();
        for (int i = 0; i < AT_ONCE; i++) {
            assertThatAllHaveRunOnce(i, asked.get(i).get(20, TimeUnit.SECONDS));
        }
    }

    private static String token(TokenIssuer issuer, int number) {
        return issuer.token().claim("jti", "" + number).compact();
    }

    @Test
    void runsEachFilterOnceForTwoRequestsWithOneFreshToken() throws Exception {
        try (PolicyEngine engine = engine(ISSUER.provider()).build();
                ConfigurableApplicationContext application = start(engine)) {
            CyclicBarrier together = new CyclicBarrier(2);
            for (int number = 0; number < 2 * PAIRS; number += 2) {
                int get = number;
                String token = token(ISSUER, number);
                Future<Integer> post = threads.submit(() -> {
                    together.await(20, TimeUnit.SECONDS);
                    return ask(application, get + 1, token);
                });
                together.await(20, TimeUnit.SECONDS);
                assertThatAllHaveRunOnce(get, ask(application, get, token));
                assertThatAllHaveRunOnce(get + 1, post.get(20, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void runsEachFilterOnceForRequestsThatComeBeforeTheKeys() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        HttpServer keyServer = keyServer(asked, released, ISSUER.jwks());
        try (KeySources keys = KeySources.create();
                PolicyEngine engine = engine(remote(keyServer)).keys(keys).build();
                ConfigurableApplicationContext application = start(engine)) {
            askAtOnce(application, ISSUER, asked, released);
        } finally {
            released.countDown();
            keyServer.stop(0);
        }
    }

    @Test
    void runsEachFilterOnceForRequestsThatComeWithANewKey() throws Exception {
        TokenIssuer renewed = ISSUER.withNewKey("key-2");
        CountDownLatch asked = new CountDownLatch(2);
        CountDownLatch released = new CountDownLatch(1);
        HttpServer keyServer = keyServer(asked, released, ISSUER.jwks(), renewed.jwks());
        try (KeySources keys = KeySources.create();
                PolicyEngine engine = engine(remote(keyServer)).keys(keys).build();
                ConfigurableApplicationContext application = start(engine)) {
            assertThatAllHaveRunOnce(98, ask(application, 98, token(ISSUER, 98)));
            askAtOnce(application, renewed, asked, released);
        } finally {
            released.countDown();
            keyServer.stop(0);
        }
    }

    @Test
    void runsEachFilterOnceWhereOtherThreadsVerify() throws Exception {
        try (PolicyEngine engine = engine(COSTLY.provider()).verifyOn(threads).build();
                ConfigurableApplicationContext application = start(engine)) {
            // What a signature takes is known after the first.
            engine.decide(PolicyRequest.builder("GET", "http://app.test/")
                    .header("Authorization", "Bearer " + token(COSTLY, -1))
                    .build());
            for (int i = 0; i < PAIRS; i++) {
                assertThatAllHaveRunOnce(i, ask(application, i, token(COSTLY, i)));
            }
        }
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
