package io.gatepost.testkit;

import static io.gatepost.testkit.StubKeyServer.body;
import static io.gatepost.testkit.StubKeyServer.redirect;
import static io.gatepost.testkit.StubKeyServer.send;
import static io.gatepost.testkit.StubKeyServer.status;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.keys.KeyEndpoint;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.token.TokenBuilder;
import io.gatepost.tools.token.TokenIssuer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that come from files and key servers, through every outage that can be staged on loopback. */
@Timeout(60)
class RemoteKeysTest {
    private static final Duration SELDOM = Duration.ofHours(1);
    private static final Duration OFTEN = Duration.ofMillis(20);

    private final TokenIssuer issuer = TokenIssuer.of("https://issuer.test");
    private final CountDownLatch testOver = new CountDownLatch(1);

    @AfterEach
    void letHangingHandlersGo() {
        testOver.countDown();
    }

    @Test
    void verifiesByKeysBehindAUrlFromTheFirstRequestOn() throws IOException {
        try (StubKeyServer server = new StubKeyServer(body(issuer.jwks()));
                KeySources keys = KeySources.create();
                PolicyEngine engine = engine(keys, url(server, SELDOM))) {
            assertThat(allows(engine, issuer)).isTrue();
            assertThat(allows(engine, issuer)).isTrue();
            assertThat(server.asked()).containsExactly("/keys");
            assertThat(keys.states()).singleElement().satisfies(state -> {
                assertThat(state.source()).isEqualTo(server.url("/keys").toString());
                assertThat(state.keys()).isEqualTo(1);
                assertThat(state.readAt()).isNotNull();
                assertThat(state.lastError()).isNull();
                assertThat(state.nextTry()).isNotNull();
            });
        }
    }

    @Test
    void answers503WhereKeysWereNeverFetched() throws IOException {
        try (StubKeyServer server = new StubKeyServer(status(500, "oops"));
                KeySources keys = KeySources.create();
                PolicyEngine engine = engine(keys, url(server, SELDOM))) {
            assertThat(decide(engine, issuer.token().compact())).isInstanceOfSatisfying(Decision.Deny.class, deny -> {
                assertThat(deny.reason()).isEqualTo(DenyReason.KEYS_UNAVAILABLE);
                assertThat(deny.challenge()).isNull();
                assertThat(deny.response().status()).isEqualTo(503);
                assertThat(deny.response().headers()).containsKey("retry-after");
            });
            server.answer(body(issuer.jwks()));
            eventually(() -> allows(engine, issuer));
        }
    }

    static Stream<Arguments> outages() {
        return Stream.of(
                Arguments.of(status(500, "oops"), "status 500"),
                Arguments.of(status(404, "{\"keys\":[]}"), "status 404"),
                Arguments.of(status(204, ""), "status 204"),
                Arguments.of(body("<html>down for maintenance</html>"), "not usable JSON"),
                Arguments.of(body("{\"keys\":"), "not usable JSON"),
                Arguments.of(body("{}"), "no list `keys`"),
                Arguments.of(body("{\"keys\":[" + " ".repeat(1 << 20) + "]}"), "longer than 1 MiB"),
                Arguments.of((HttpHandler) RemoteKeysTest::endlessly, "longer than 1 MiB"),
                Arguments.of((HttpHandler) RemoteKeysTest::cutShort, "ends early"),
                Arguments.of(redirect("http://localhost:1/keys"), "another origin"),
                Arguments.of(redirect("/keys"), "without end"));
    }

    @ParameterizedTest
    @MethodSource("outages")
    void keepsTheLastGoodKeysThrough(HttpHandler outage, String cause) throws IOException {
        try (StubKeyServer server = new StubKeyServer(body(issuer.jwks()));
                KeySources keys = KeySources.create();
                PolicyEngine engine = engine(keys, url(server, OFTEN))) {
            assertThat(allows(engine, issuer)).isTrue();
            server.answer(outage);

            eventually(() -> error(keys).contains(cause));
            assertThat(allows(engine, issuer)).isTrue();
            assertThat(keys.states().get(0).keys()).isEqualTo(1);
        }
    }

    @Test
    void endsAFetchThatDripsAndOneThatHangs() throws IOException {
        KeySources.Builder hasty = KeySources.builder().timeout(Duration.ofMillis(200));
        try (StubKeyServer server = new StubKeyServer(body(issuer.jwks()));
                KeySources keys = hasty.build();
                PolicyEngine engine = engine(keys, url(server, OFTEN))) {
            assertThat(allows(engine, issuer)).isTrue();
            server.answer(exchange -> {
                exchange.sendResponseHeaders(200, 1000);
                while (!over(Duration.ofMillis(20))) {
                    exchange.getResponseBody().write(' ');
                    exchange.getResponseBody().flush();
                }
            });
            eventually(() -> error(keys).contains("no complete answer within 200 ms"));
            server.answer(body(issuer.jwks()));
            eventually(() -> error(keys).isEmpty());
            server.answer(exchange -> over(Duration.ofSeconds(30)));
            eventually(() -> error(keys).contains("no complete answer within 200 ms"));
            assertThat(allows(engine, issuer)).isTrue();
        }
    }

    @Test
    void givesUpOnKeysThatAreTooOld() throws IOException {
        SettableClock clock = new SettableClock();
        KeySources.Builder strict = KeySources.builder().clock(clock).maxStale(Duration.ofHours(1));
        try (StubKeyServer server = new StubKeyServer(body(issuer.jwks()));
                KeySources keys = strict.build();
                PolicyEngine engine = engine(keys, url(server, SELDOM))) {
            assertThat(allows(engine, issuer)).isTrue();
            server.answer(status(500, ""));
            clock.now = clock.now.plus(Duration.ofMinutes(119));
            assertThat(allows(engine, issuer)).isTrue();
            clock.now = clock.now.plus(Duration.ofMinutes(2));

            assertThat(reason(engine, issuer)).isEqualTo(DenyReason.KEYS_UNAVAILABLE);
        }
    }

    @Test
    void fetchesAtOnceForAKeyThatItDoesNotKnow() throws IOException {
        TokenIssuer rotated = issuer.withNewKey("key-2");
        try (StubKeyServer server = new StubKeyServer(body(issuer.jwks()));
                KeySources keys = KeySources.create();
                PolicyEngine engine = engine(keys, url(server, SELDOM))) {
            assertThat(allows(engine, issuer)).isTrue();
            server.answer(body(rotated.jwks()));

            assertThat(allows(engine, rotated)).isTrue();
            assertThat(server.asked()).hasSize(2);
            assertThat(reason(engine, issuer)).isEqualTo(DenyReason.KEY_UNKNOWN);
        }
    }

    @Test
    void refusesNoTokenOfARotationThatClientsKnowFirst() throws IOException {
        try (StubKeyServer server = new StubKeyServer(body(issuer.jwks()));
                KeySources keys = KeySources.create();
                PolicyEngine engine = engine(keys, url(server, SELDOM))) {
            for (int i = 0; i < 3; i++) {
                TokenIssuer rotated = issuer.withNewKey("rotated-" + i);
                server.answer(body(rotated.jwks()));

                assertThat(IntStream.range(0, 50).parallel().allMatch(n -> allows(engine, rotated)))
                        .isTrue();
            }
        }
    }

    @Test
    @Timeout(300)
    void costsTheKeyServerNothingWhereKidsAreMadeUp() throws IOException {
        try (StubKeyServer server = new StubKeyServer(body(issuer.jwks()));
                KeySources keys = KeySources.builder().refetchInterval(SELDOM).build();
                PolicyEngine engine = engine(keys, url(server, SELDOM))) {
            String payloadAndSignature = issuer.token().compact().replaceFirst("[^.]*", "");
            IntStream.range(0, 100_000).parallel().forEach(n -> {
                byte[] header = ("{\"alg\":\"ES256\",\"kid\":\"made-up-" + n + "\"}").getBytes(UTF_8);
                String token = Base64.getUrlEncoder().withoutPadding().encodeToString(header) + payloadAndSignature;
                assertThat(((Decision.Deny) decide(engine, token)).reason()).isEqualTo(DenyReason.KEY_UNKNOWN);
            });

            assertThat(allows(engine, issuer)).isTrue();
            assertThat(server.asked()).hasSizeLessThanOrEqualTo(2);
        }
    }

    @Test
    void countsFetchesOfKeysThatComeAndGo() throws IOException {
        TokenIssuer other = issuer.withNewKey("other");
        AtomicInteger turn = new AtomicInteger();
        try (StubKeyServer server = new StubKeyServer(exchange ->
                        send(exchange, 200, (turn.getAndIncrement() % 2 == 0 ? issuer : other).jwks()));
                KeySources keys = KeySources.create();
                PolicyEngine engine = engine(keys, url(server, SELDOM))) {
            for (int i = 0; i < 20; i++) {
                assertThat(reason(engine, issuer.token().header("kid", "made-up-" + i)))
                        .isEqualTo(DenyReason.KEY_UNKNOWN);
            }

            // The first, one that brought a new key, and one that brought none.
            assertThat(server.asked()).hasSize(3);
        }
    }

    @Test
    void countsFailedFetchesForUnknownKidsToo() throws IOException {
        try (StubKeyServer server = new StubKeyServer(body(issuer.jwks()));
                KeySources keys = KeySources.create();
                PolicyEngine engine = engine(keys, url(server, SELDOM))) {
            assertThat(allows(engine, issuer)).isTrue();
            server.answer(status(500, ""));
            for (int i = 0; i < 20; i++) {
                assertThat(reason(engine, issuer.token().header("kid", "made-up-" + i)))
                        .isEqualTo(DenyReason.KEY_UNKNOWN);
            }

            assertThat(server.asked()).hasSize(2);
        }
    }

    @Test
    void fetchesOnceForAllTokensOfAKeyThatItDoesNotKnow() throws IOException {
        TokenIssuer rotated = issuer.withNewKey("key-2");
        CountDownLatch release = new CountDownLatch(1);
        try (StubKeyServer server = new StubKeyServer(body(issuer.jwks()));
                KeySources keys = KeySources.create();
                PolicyEngine engine = engine(keys, url(server, SELDOM))) {
            assertThat(allows(engine, issuer)).isTrue();
            server.answer(exchange -> {
                awaitQuietly(release);
                send(exchange, 200, rotated.jwks());
            });
            List<CompletableFuture<Decision>> waiting = Stream.generate(
                            () -> engine.decideAsync(request(rotated.token().compact()))
                                    .toCompletableFuture())
                    .limit(50)
                    .toList();
            assertThat(waiting).noneMatch(CompletableFuture::isDone);
            assertThat(engine.decideAsync(request(issuer.token().compact())).toCompletableFuture())
                    .isCompletedWithValueMatching(Decision.Allow.class::isInstance);
            release.countDown();

            assertThat(waiting).allMatch(decision -> decision.join() instanceof Decision.Allow);
            assertThat(server.asked()).hasSize(2);
        }
    }

    @Test
    void waitsLongerWithEachFailure() throws IOException {
        SettableClock clock = new SettableClock();
        try (StubKeyServer server = new StubKeyServer(status(500, ""));
                KeySources keys = KeySources.builder().clock(clock).build();
                PolicyEngine engine = engine(keys, url(server, SELDOM))) {
            for (int wait : List.of(200, 400, 800)) {
                eventually(() ->
                        clock.now.plusMillis(wait).equals(keys.states().get(0).nextTry()));
            }
            assertThat(reason(engine, issuer)).isEqualTo(DenyReason.KEYS_UNAVAILABLE);
        }
    }

    @Test
    void forgetsAKeyWithTheRefreshThatSawItLeave() throws IOException {
        TokenIssuer other = issuer.withNewKey("other");
        try (StubKeyServer server = new StubKeyServer(body(TokenIssuer.jwks(issuer, other)));
                KeySources keys = KeySources.create();
                PolicyEngine engine = engine(keys, url(server, OFTEN))) {
            assertThat(allows(engine, issuer)).isTrue();
            server.answer(body(other.jwks()));

            eventually(() -> !allows(engine, issuer));
            assertThat(allows(engine, other)).isTrue();
        }
    }

    @Test
    void asksOnlyForWhatChanged() throws IOException {
        CountDownLatch confirmed = new CountDownLatch(3);
        try (StubKeyServer server = new StubKeyServer(exchange -> {
                    exchange.getResponseHeaders().set("ETag", "\"v1\"");
                    boolean known = "\"v1\"".equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
                    if (known) {
                        confirmed.countDown();
                    }
                    send(exchange, known ? 304 : 200, known ? "" : issuer.jwks());
                });
                KeySources keys = KeySources.create();
                PolicyEngine engine = engine(keys, url(server, OFTEN))) {
            assertThat(allows(engine, issuer)).isTrue();
            eventually(() -> confirmed.getCount() == 0);
            assertThat(allows(engine, issuer)).isTrue();
            assertThat(error(keys)).isEmpty();
        }
    }

    @Test
    void followsRedirectsWithinTheOrigin() throws IOException {
        try (StubKeyServer server = new StubKeyServer(exchange -> {
                    boolean moved = exchange.getRequestURI().getPath().equals("/moved");
                    (moved ? body(issuer.jwks()) : redirect("/moved")).handle(exchange);
                });
                KeySources keys = KeySources.create();
                PolicyEngine engine = engine(keys, url(server, SELDOM))) {
            assertThat(allows(engine, issuer)).isTrue();
            assertThat(server.asked()).containsExactly("/keys", "/moved");
        }
    }

    @Test
    void readsChunkedAnswers() throws IOException {
        try (StubKeyServer server = new StubKeyServer(exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody().write(issuer.jwks().getBytes(UTF_8));
                    exchange.close();
                });
                KeySources keys = KeySources.create();
                PolicyEngine engine = engine(keys, url(server, SELDOM))) {
            assertThat(allows(engine, issuer)).isTrue();
        }
    }

    @Test
    void doesNotBlockWhereItIsAskedAsynchronously() throws IOException {
        CountDownLatch release = new CountDownLatch(1);
        try (StubKeyServer server = new StubKeyServer(exchange -> {
                    awaitQuietly(release);
                    send(exchange, 200, issuer.jwks());
                });
                KeySources keys = KeySources.create();
                PolicyEngine engine = engine(keys, url(server, SELDOM))) {
            CompletableFuture<Decision> decision =
                    engine.decideAsync(request(issuer.token().compact())).toCompletableFuture();
            assertThat(decision).isNotDone();
            release.countDown();

            assertThat(decision.join()).isInstanceOf(Decision.Allow.class);
            assertThat(engine.decideAsync(request(issuer.token().compact())).toCompletableFuture())
                    .isCompleted();
        }
    }

    @Test
    void findsKeysByDiscovery() throws IOException {
        try (StubKeyServer server = new StubKeyServer(status(404, ""))) {
            TokenIssuer realm = TokenIssuer.of(server.url("/realms/a").toString());
            server.answer(discovery(realm, realm.issuer(), server.url("/keys")));
            try (KeySources keys = KeySources.create();
                    PolicyEngine engine = engine(keys, provider(realm, new JwksSource.Discovery(Origin.CODE)))) {
                assertThat(allows(engine, realm)).isTrue();
                assertThat(server.asked()).containsExactly("/realms/a/.well-known/openid-configuration", "/keys");
            }
        }
    }

    @Test
    void refusesADiscoveryDocumentOfAnotherIssuer() throws IOException {
        try (StubKeyServer server = new StubKeyServer(status(404, ""))) {
            TokenIssuer realm = TokenIssuer.of(server.url("").toString());
            server.answer(discovery(realm, realm.issuer() + "/", server.url("/keys")));
            try (KeySources keys = KeySources.create();
                    PolicyEngine engine = engine(keys, provider(realm, new JwksSource.Discovery(Origin.CODE)))) {
                assertThat(reason(engine, realm)).isEqualTo(DenyReason.KEYS_UNAVAILABLE);
                assertThat(error(keys)).contains("another issuer's");
                assertThat(server.asked()).doesNotContain("/keys");
            }
        }
    }

    @Test
    void discoversKeysOnAnotherHostByName() throws IOException {
        assertThat(discovered(KeySources.builder(), "http://localhost:PORT/keys"))
                .isEmpty();
        assertThat(discovered(KeySources.builder().discoveryHosts(List.of()), "http://127.0.0.1:PORT/keys"))
                .isEmpty();
        assertThat(discovered(KeySources.builder().discoveryHosts(List.of()), "http://localhost:PORT/keys"))
                .contains("is not followed to `http://localhost`", "--discovery-hosts");
        assertThat(discovered(KeySources.builder().discoveryHosts(List.of("LOCALHOST.")), "http://localhost:PORT/keys"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.2", "127.2", "2130706434", "0x7f.1", "[::1]", "169.254.169.254", "127.0.0.2."})
    void doesNotFollowDiscoveryToALiteralAddress(String host) throws IOException {
        String why = discovered(KeySources.builder(), "http://" + host + ":PORT/keys");

        assertThat(why).containsAnyOf("is not followed to `http://" + host, "not a usable URL");
    }

    @Test
    void followsDiscoveryToAnAddressThatIsListed() throws IOException {
        KeySources.Builder listing = KeySources.builder().discoveryHosts(List.of("127.0.0.2"));

        assertThat(discovered(listing.addresses(this::onLoopback), "http://127.0.0.2:PORT/keys"))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"file:///etc/passwd", "gopher://127.0.0.1/", "//127.0.0.1/keys", "http://a@127.0.0.1/keys"})
    void doesNotFollowDiscoveryToWhatIsNoKeyServer(String url) throws IOException {
        assertThat(discovered(KeySources.builder(), url)).isNotEmpty();
    }

    /** The issuer is public by what the test says of its address; the name of the keys' host is looked up. */
    @Test
    void doesNotFollowAPublicIssuerIntoItsOwnNetwork() throws IOException {
        try (StubKeyServer server = new StubKeyServer(status(404, ""))) {
            TokenIssuer realm = TokenIssuer.of("http://idp.example.com");
            server.answer(discovery(realm, realm.issuer(), URI.create("http://localhost:" + server.port() + "/keys")));
            for (boolean listed : new boolean[] {false, true}) {
                KeySources.Builder builder = KeySources.builder().addresses(publicOnFirstLook(server.port()));
                try (KeySources keys = (listed ? builder.discoveryHosts(List.of("localhost")) : builder).build();
                        PolicyEngine engine = engine(keys, provider(realm, new JwksSource.Discovery(Origin.CODE)))) {
                    assertThat(allows(engine, realm)).isEqualTo(listed);
                    assertThat(error(keys)).contains(listed ? "" : "internal address");
                }
            }
        }
    }

    /** Connections to the issuer's name go to the stub; whoever asks again is told a public address. */
    private static Function<URI, @Nullable InetSocketAddress> publicOnFirstLook(int port) throws IOException {
        InetSocketAddress stub = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        InetSocketAddress outside = new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 80);
        AtomicInteger looks = new AtomicInteger();
        return url ->
                !"idp.example.com".equals(url.getHost()) ? null : looks.getAndIncrement() % 2 == 0 ? stub : outside;
    }

    @Test
    void refusesHostsForDiscoveryThatAreNone() {
        for (String entry : List.of("https://keys.example.com", "keys.example.com:443", "a/b", "", "::1")) {
            assertThatThrownBy(() -> KeySources.builder().discoveryHosts(List.of(entry)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected a host without port");
        }
    }

    private InetSocketAddress onLoopback(URI url) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), url.getPort());
    }

    /** Why no keys were found where a document leads to a URL; empty where they were. */
    private String discovered(KeySources.Builder builder, String url) throws IOException {
        try (StubKeyServer server = new StubKeyServer(status(404, ""))) {
            TokenIssuer realm = TokenIssuer.of(server.url("").toString());
            URI keysAt = URI.create(url.replace("PORT", Integer.toString(server.port())));
            server.answer(discovery(realm, realm.issuer(), keysAt));
            try (KeySources keys = builder.build();
                    PolicyEngine engine = engine(keys, provider(realm, new JwksSource.Discovery(Origin.CODE)))) {
                assertThat(allows(engine, realm)).isEqualTo(error(keys).isEmpty());
                return error(keys);
            }
        }
    }

    @Test
    void readsKeysOfAServerThatInsistsOnTheirMediaType() throws IOException {
        try (StubKeyServer server = new StubKeyServer(exchange -> {
                    String accept = exchange.getRequestHeaders().getFirst("Accept");
                    boolean taken = accept.contains("application/jwk-set+json") && accept.contains("application/json");
                    send(exchange, taken ? 200 : 406, issuer.jwks());
                });
                KeySources keys = KeySources.create();
                PolicyEngine engine = engine(keys, url(server, SELDOM))) {
            assertThat(allows(engine, issuer)).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"false,gzip", "false,GZIP", "false,x-gzip", "true,identity", "true,gzip"})
    void readsKeysBehindAByteOrderMarkAndInGzip(boolean marked, String coding) throws IOException {
        byte[] text = ((marked ? "\uFEFF" : "") + issuer.jwks()).getBytes(UTF_8);
        try (StubKeyServer server = new StubKeyServer(coded(coding, coding.equals("identity") ? text : zipped(text)));
                KeySources keys = KeySources.create();
                PolicyEngine engine = engine(keys, url(server, SELDOM))) {
            assertThat(allows(engine, issuer)).isTrue();
        }
    }

    @Test
    void boundsWhatComesInGzip() throws IOException {
        byte[] bomb = zipped(("{\"keys\":[" + " ".repeat(1 << 24) + "]}").getBytes(UTF_8));
        for (HttpHandler answer : List.of(
                coded("gzip", bomb),
                coded("gzip", Arrays.copyOf(zipped(issuer.jwks().getBytes(UTF_8)), 40)),
                coded("gzip", issuer.jwks().getBytes(UTF_8)),
                coded("br", issuer.jwks().getBytes(UTF_8)))) {
            try (StubKeyServer server = new StubKeyServer(answer);
                    KeySources keys = KeySources.create();
                    PolicyEngine engine = engine(keys, url(server, SELDOM))) {
                assertThat(reason(engine, issuer)).isEqualTo(DenyReason.KEYS_UNAVAILABLE);
                assertThat(error(keys)).isNotEmpty();
            }
        }
    }

    private static HttpHandler coded(String coding, byte[] octets) {
        return exchange -> {
            exchange.getResponseHeaders().set("Content-Encoding", coding);
            exchange.sendResponseHeaders(200, octets.length);
            exchange.getResponseBody().write(octets);
            exchange.close();
        };
    }

    private static byte[] zipped(byte[] octets) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(octets);
        }
        return out.toByteArray();
    }

    @Test
    void waitsOnOneThreadForANameServiceThatHangs() throws IOException {
        AtomicInteger waiting = new AtomicInteger();
        KeySources.Builder hanging = KeySources.builder()
                .timeout(Duration.ofMillis(20))
                .addresses(url -> {
                    waiting.incrementAndGet();
                    awaitOver();
                    return null;
                });
        try (StubKeyServer server = new StubKeyServer(body(issuer.jwks()));
                KeySources keys = hanging.build();
                PolicyEngine engine = engine(keys, url(server, OFTEN))) {
            for (int i = 0; i < 10; i++) {
                Instant tried = keys.states().get(0).nextTry();
                eventually(() -> !error(keys).isEmpty()
                        && !Objects.equals(tried, keys.states().get(0).nextTry()));
            }
            assertThat(waiting).hasValue(1);
            assertThat(error(keys)).contains("no end of the attempt");
            testOver.countDown();
            eventually(() -> allows(engine, issuer));
        }
    }

    private void awaitOver() {
        try {
            assertThat(testOver.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void refusesToDiscoverAnIssuerThatIsNoUrl() {
        TokenIssuer nameless = TokenIssuer.of("accounts");
        try (KeySources keys = KeySources.create()) {
            assertThatThrownBy(() -> engine(keys, provider(nameless, new JwksSource.Discovery(Origin.CODE))))
                    .isInstanceOf(InvalidPolicyException.class)
                    .hasMessageContaining("issuer: expected an http or https URL");
        }
    }

    @Test
    void asksABackendAtOnceWhereManifestsMovedIt() throws IOException {
        TokenIssuer other = issuer.withNewKey("other");
        AtomicInteger port = new AtomicInteger();
        JwksSource backend = new JwksSource.RemoteBackend("", "Service", "idp", "keys", 80, "k", SELDOM, Origin.CODE);
        try (StubKeyServer before = new StubKeyServer(body(issuer.jwks()));
                StubKeyServer after = new StubKeyServer(body(other.jwks()));
                KeySources keys = KeySources.builder()
                        .backends(asked -> new KeyEndpoint(URI.create("http://127.0.0.1:" + port)))
                        .build()) {
            port.set(before.port());
            try (PolicyEngine old = engine(keys, provider(issuer, backend))) {
                assertThat(allows(old, issuer)).isTrue();
                port.set(after.port());
                try (PolicyEngine reloaded = engine(keys, provider(issuer, backend))) {
                    eventually(() -> !allows(reloaded, issuer));
                    assertThat(allows(reloaded, other)).isTrue();
                    int asked = after.asked().size();
                    engine(keys, provider(issuer, backend)).close();
                    assertThat(after.asked()).hasSize(asked);
                }
            }
        }
    }

    @Test
    void asksBackendsWhereTheyAreNow() throws IOException {
        JwksSource backend =
                new JwksSource.RemoteBackend("", "Service", "idp", "keys", 8080, "org/keys", SELDOM, Origin.CODE);
        try (StubKeyServer server = new StubKeyServer(body(issuer.jwks()));
                KeySources keys = KeySources.builder()
                        .backends(asked -> asked.name().equals("keys")
                                ? new KeyEndpoint(URI.create("http://keys.idp.svc:" + asked.port()))
                                : null)
                        .addresses(url -> new InetSocketAddress(
                                InetAddress.getLoopbackAddress(), url.getPort() == 8080 ? server.port() : 1))
                        .build();
                PolicyEngine engine = engine(keys, provider(issuer, backend))) {
            assertThat(allows(engine, issuer)).isTrue();
            assertThat(server.asked()).containsExactly("/org/keys");
        }
    }

    @Test
    void readsAFileHoweverItIsReplaced(@TempDir Path folder) throws IOException {
        TokenIssuer second = issuer.withNewKey("key-2");
        TokenIssuer third = issuer.withNewKey("key-3");
        Path versions = Files.createDirectory(folder.resolve("v"));
        Path one = Files.writeString(versions.resolve("one"), issuer.jwks());
        Path link = Files.createSymbolicLink(folder.resolve("jwks.json"), one);
        try (KeySources keys = KeySources.builder().filePeriod(OFTEN).build();
                PolicyEngine engine = engine(keys, provider(issuer, new JwksSource.File(link, Origin.CODE)))) {
            assertThat(allows(engine, issuer)).isTrue();

            Path two = Files.writeString(versions.resolve("two"), second.jwks());
            Path newLink = Files.createSymbolicLink(folder.resolve("new"), two);
            Files.move(newLink, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            eventually(() -> allows(engine, second) && !allows(engine, issuer));

            Path draft = Files.writeString(versions.resolve("draft"), third.jwks());
            Files.move(draft, two, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            eventually(() -> allows(engine, third) && !allows(engine, second));

            Files.delete(two);
            eventually(() -> error(keys).contains("can't be read"));
            assertThat(allows(engine, third)).isTrue();
        }
    }

    @Test
    void readsAFileOfAMountedConfigMapThatIsSwapped(@TempDir Path folder) throws IOException {
        TokenIssuer second = issuer.withNewKey("key-2");
        Path one = Files.createDirectory(folder.resolve("..2026_11_24"));
        Files.writeString(one.resolve("jwks.json"), issuer.jwks());
        Files.createSymbolicLink(folder.resolve("..data"), one.getFileName());
        Path file = Files.createSymbolicLink(folder.resolve("jwks.json"), Path.of("..data", "jwks.json"));
        try (KeySources keys = KeySources.builder().filePeriod(OFTEN).build();
                PolicyEngine engine = engine(keys, provider(issuer, new JwksSource.File(file, Origin.CODE)))) {
            assertThat(allows(engine, issuer)).isTrue();

            Path two = Files.createDirectory(folder.resolve("..2026_11_25"));
            Files.writeString(two.resolve("jwks.json"), second.jwks());
            Path swapped = Files.createSymbolicLink(folder.resolve("..data_tmp"), two.getFileName());
            Files.move(swapped, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);

            eventually(() -> allows(engine, second) && !allows(engine, issuer));
        }
    }

    @Test
    void readsAFileAgainAsSoonAsItIsBack(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("jwks.json"), issuer.jwks());
        try (KeySources keys = KeySources.builder().filePeriod(OFTEN).build();
                PolicyEngine engine = engine(keys, provider(issuer, new JwksSource.File(file, Origin.CODE)))) {
            assertThat(allows(engine, issuer)).isTrue();
            Files.delete(file);
            for (int i = 0; i < 10; i++) {
                Instant tried = keys.states().get(0).nextTry();
                eventually(() -> !Objects.equals(tried, keys.states().get(0).nextTry()));
            }

            assertThat(error(keys)).contains("can't be read");
            Instant nextTry = keys.states().get(0).nextTry();
            assertThat(nextTry == null || nextTry.isBefore(Instant.now().plusSeconds(1)))
                    .isTrue();
        }
    }

    @Test
    void refusesToStartWithoutTheFile(@TempDir Path folder) {
        try (KeySources keys = KeySources.create()) {
            JwtProvider provider = provider(issuer, new JwksSource.File(folder.resolve("absent"), Origin.CODE));

            assertThatThrownBy(() -> engine(keys, provider))
                    .isInstanceOf(InvalidPolicyException.class)
                    .hasMessageContaining("the file can't be read");
        }
    }

    @Test
    void refusesToStartWithoutAnythingThatReadsKeys() {
        JwtProvider provider =
                provider(issuer, new JwksSource.RemoteUrl(URI.create("http://127.0.0.1:1/keys"), SELDOM, Origin.CODE));

        assertThatThrownBy(() -> engine(null, provider))
                .isInstanceOf(InvalidPolicyException.class)
                .hasMessageContaining("keys(...)");
    }

    @Test
    void sharesKeysAmongEnginesUntilTheLastIsClosed() throws IOException {
        try (StubKeyServer server = new StubKeyServer(body(issuer.jwks()));
                KeySources keys = KeySources.create()) {
            PolicyEngine old = engine(keys, url(server, SELDOM));
            assertThat(allows(old, issuer)).isTrue();
            server.answer(status(500, ""));
            PolicyEngine renewed = engine(keys, url(server, SELDOM));
            old.close();
            old.close();

            assertThat(allows(renewed, issuer)).isTrue();
            assertThat(server.asked()).hasSize(1);
            renewed.close();
            assertThat(keys.states()).isEmpty();
            assertThat(allows(renewed, issuer)).isTrue();
        }
    }

    private static HttpHandler discovery(TokenIssuer issuer, String claimed, URI jwks) {
        return exchange -> {
            boolean metadata = exchange.getRequestURI().getPath().endsWith("/.well-known/openid-configuration");
            String document = "{\"issuer\":\"" + claimed + "\",\"jwks_uri\":\"" + jwks + "\"}";
            send(exchange, 200, metadata ? document : issuer.jwks());
        };
    }

    private static void endlessly(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        byte[] blanks = new byte[64 * 1024];
        Arrays.fill(blanks, (byte) ' ');
        try {
            for (int i = 0; i < 10_000; i++) {
                exchange.getResponseBody().write(blanks);
            }
        } finally {
            exchange.close();
        }
    }

    private static void cutShort(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 1000);
        exchange.getResponseBody().write("{\"keys\":[]}".getBytes(UTF_8));
        exchange.getResponseBody().flush();
        throw new IOException("cut");
    }

    private boolean over(Duration wait) throws IOException {
        try {
            return testOver.await(wait.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new IOException("never released");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void eventually(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("came true in time").isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static String error(KeySources keys) {
        String error = keys.states().get(0).lastError();
        return error == null ? "" : error;
    }

    private JwtProvider url(StubKeyServer server, Duration cacheDuration) {
        return provider(issuer, new JwksSource.RemoteUrl(server.url("/keys"), cacheDuration, Origin.CODE));
    }

    private static JwtProvider provider(TokenIssuer issuer, JwksSource source) {
        return JwtProvider.of(issuer.issuer(), source);
    }

    private static PolicyEngine engine(@Nullable KeySources keys, JwtProvider provider) {
        PolicyEngine.Builder builder = PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", JwtAuthentication.of(JwtMode.STRICT, provider), null)));
        return (keys == null ? builder : builder.keys(keys)).build();
    }

    private static PolicyRequest request(String token) {
        return PolicyRequest.builder("GET", "/")
                .header("Authorization", "Bearer " + token)
                .build();
    }

    private static Decision decide(PolicyEngine engine, String token) {
        return engine.decide(request(token));
    }

    private static boolean allows(PolicyEngine engine, TokenIssuer issuer) {
        return decide(engine, issuer.token().compact()) instanceof Decision.Allow;
    }

    private static DenyReason reason(PolicyEngine engine, TokenIssuer issuer) {
        return reason(engine, issuer.token());
    }

    private static DenyReason reason(PolicyEngine engine, TokenBuilder token) {
        return ((Decision.Deny) decide(engine, token.compact())).reason();
    }

    /** A clock that stands until it is set. */
    private static final class SettableClock extends Clock {
        private volatile Instant now = Instant.parse("2026-11-24T12:00:00Z");

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
