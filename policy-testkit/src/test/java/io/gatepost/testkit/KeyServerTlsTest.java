package io.gatepost.testkit;

import static io.gatepost.testkit.StubKeyServer.body;
import static io.gatepost.testkit.StubKeyServer.send;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsExchange;
import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.keys.KeyEndpoint;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import javax.net.ssl.ExtendedSSLSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Names, addresses and certificates: connections may go elsewhere, but what counts is the URL's name. */
@Timeout(60)
class KeyServerTlsTest {
    private static final TestCertificate IDP = TestCertificate.of("idp.test", "localhost");
    private static final Duration OFTEN = Duration.ofMillis(20);

    private final TokenIssuer issuer = TokenIssuer.of("https://issuer.test");
    private final CountDownLatch testOver = new CountDownLatch(1);
    private volatile KeyEndpoint endpoint = new KeyEndpoint(URI.create("https://idp.test"), IDP.trusting(), null);
    private volatile Function<URI, @Nullable InetSocketAddress> addresses = url -> null;

    @AfterEach
    void letServersGo() {
        testOver.countDown();
    }

    @Test
    void connectsElsewhereButDemandsTheNameOfTheUrl() throws IOException {
        List<String> seen = new CopyOnWriteArrayList<>();
        try (StubKeyServer server = new StubKeyServer(
                        exchange -> {
                            ExtendedSSLSession session =
                                    (ExtendedSSLSession) ((HttpsExchange) exchange).getSSLSession();
                            seen.add(exchange.getRequestHeaders().getFirst("Host"));
                            seen.add(session.getRequestedServerNames().toString());
                            send(exchange, 200, issuer.jwks());
                        },
                        IDP.serving());
                KeySources keys = sources();
                PolicyEngine engine = engine(keys)) {
            reach(server.port());
            eventually(() -> allows(engine));

            assertThat(seen.get(0)).isEqualTo("idp.test");
            assertThat(seen.get(1)).contains("idp.test");
        }
    }

    @Test
    void refusesAServerOfAnotherNameAndOneOfAnotherAuthority() throws IOException {
        try (StubKeyServer server = new StubKeyServer(body(issuer.jwks()), IDP.serving());
                KeySources keys = sources();
                PolicyEngine engine = engine(keys)) {
            reach(server.port());
            eventually(() -> allows(engine));

            endpoint = new KeyEndpoint(URI.create("https://other.test"), IDP.trusting(), null);
            eventually(() -> error(keys).contains("no TLS with the key server"));
            endpoint = new KeyEndpoint(URI.create("https://other.test"), IDP.trusting(), "localhost");
            eventually(() -> error(keys).isEmpty());
            endpoint = new KeyEndpoint(URI.create("https://idp.test"), null, null);
            eventually(() -> error(keys).contains("no TLS with the key server"));
            assertThat(allows(engine)).isTrue();
        }
    }

    @Test
    void keepsKeysWhileTheNameServiceOrTheServerIsGone() throws IOException {
        try (StubKeyServer server = new StubKeyServer(body(issuer.jwks()), IDP.serving());
                KeySources keys = sources();
                PolicyEngine engine = engine(keys)) {
            reach(server.port());
            eventually(() -> allows(engine));

            addresses = url -> InetSocketAddress.createUnresolved("idp.test", 443);
            eventually(() -> error(keys).contains("no address"));
            addresses = url -> {
                throw new IllegalStateException(new UnknownHostException());
            };
            eventually(() -> error(keys).contains("broke off: IllegalStateException"));
            addresses = url -> null;
            eventually(() -> error(keys).contains("no address"));
            reach(1);
            eventually(() -> error(keys).contains("no connection to the key server"));
            assertThat(allows(engine)).isTrue();
        }
    }

    @Test
    void endsAHandshakeThatHangsAndOneThatDrips() throws IOException {
        try (StubKeyServer server = new StubKeyServer(body(issuer.jwks()), IDP.serving());
                ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                ServerSocket dripping = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                KeySources keys = sources();
                PolicyEngine engine = engine(keys)) {
            reach(server.port());
            eventually(() -> allows(engine));
            new Thread(() -> drip(dripping), "dripping").start();

            reach(mute.getLocalPort());
            eventually(() -> error(keys).contains("no complete answer within 500 ms"));
            reach(server.port());
            eventually(() -> error(keys).isEmpty());
            reach(dripping.getLocalPort());
            eventually(() -> error(keys).contains("no complete answer within 500 ms"));
            assertThat(allows(engine)).isTrue();
        }
    }

    /** The head of a TLS record of 16 KiB, and then an octet at a time. */
    private void drip(ServerSocket server) {
        try {
            while (testOver.getCount() > 0) {
                try (Socket socket = server.accept()) {
                    OutputStream out = socket.getOutputStream();
                    out.write(new byte[] {22, 3, 3, 64, 0});
                    while (!testOver.await(20, TimeUnit.MILLISECONDS)) {
                        out.write(0);
                    }
                } catch (IOException e) {
                    if (server.isClosed()) {
                        return;
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void reach(int port) {
        addresses = url -> new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private KeySources sources() {
        return KeySources.builder()
                .timeout(Duration.ofMillis(500))
                .addresses(url -> addresses.apply(url))
                .backends(source -> endpoint)
                .build();
    }

    private PolicyEngine engine(KeySources keys) {
        JwksSource source = new JwksSource.RemoteBackend(
                "agentgateway.dev", "AgentgatewayBackend", "default", "idp", null, "jwks", OFTEN, Origin.CODE);
        JwtProvider provider = JwtProvider.of(issuer.issuer(), source);
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", JwtAuthentication.of(JwtMode.STRICT, provider), null)))
                .keys(keys)
                .build();
    }

    private boolean allows(PolicyEngine engine) {
        return engine.decide(PolicyRequest.builder("GET", "/")
                        .header("Authorization", "Bearer " + issuer.token().compact())
                        .build())
                instanceof Decision.Allow;
    }

    private static String error(KeySources keys) {
        String error = keys.states().get(0).lastError();
        return error == null ? "" : error;
    }

    private static void eventually(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("came true in time").isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }
}
