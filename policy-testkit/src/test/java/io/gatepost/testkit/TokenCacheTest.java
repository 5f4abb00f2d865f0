package io.gatepost.testkit;

import static io.gatepost.testkit.StubKeyServer.body;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.token.TokenCacheState;
import io.gatepost.tools.token.TokenBuilder;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A token is verified once and judged at each use. One that was remembered is told by its identity. */
@Timeout(60)
class TokenCacheTest {
    private final AtomicInteger seconds = new AtomicInteger();
    private final Clock clock = new SteppingClock(seconds);
    private final TokenIssuer issuer = TokenIssuer.of("https://issuer.test", "ES256", "e1", clock);

    @Test
    void remembersATokenAsLongAsItIsGood() {
        PolicyEngine engine = engine(10);
        String token = issuer.token().compact();
        VerifiedToken first = verified(engine, token);

        assertThat(verified(engine, token)).isSameAs(first);
        seconds.addAndGet(600 + 59);
        assertThat(verified(engine, token)).isSameAs(first);
        seconds.addAndGet(1);
        assertRefused(engine, token, DenyReason.TOKEN_EXPIRED);
    }

    @Test
    void comparesItsTimesWithAClockThatWasSetBackToo() {
        PolicyEngine engine = engine(10);
        String token = issuer.token().notBefore(Duration.ofSeconds(30)).compact();
        VerifiedToken first = verified(engine, token);

        seconds.set(-31);
        assertRefused(engine, token, DenyReason.TOKEN_NOT_YET_VALID);
        seconds.set(-30);
        assertThat(verified(engine, token)).isSameAs(first);
    }

    @Test
    void remembersATokenWithoutEndOrWithOneBeyondReckoning() {
        JwtProvider endless = new JwtProvider(
                issuer.issuer(), List.of(), new JwksSource.Inline(issuer.jwks()), Set.of(), Duration.ZERO, Origin.CODE);
        PolicyEngine engine = engine(10, endless);

        for (TokenBuilder token : List.of(
                issuer.token().withoutClaim("exp"),
                issuer.token().claimsText("{\"iss\":\"https://issuer.test\",\"exp\":1e300}"))) {
            String text = token.compact();
            assertThat(verified(engine, text)).isSameAs(verified(engine, text));
        }
    }

    @Test
    void keepsTokensApartThatDifferInOneCharacter() {
        PolicyEngine engine = engine(10);
        String alice = issuer.token().compact();
        String bob = issuer.token().subject("bob").compact();

        assertThat(verified(engine, alice).subject()).isEqualTo("alice");
        assertThat(verified(engine, bob).subject()).isEqualTo("bob");
        assertRefused(engine, alice.substring(0, alice.length() - 1), DenyReason.TOKEN_MALFORMED);
        assertRefused(engine, alice + "\u00e9", DenyReason.TOKEN_MALFORMED);
        assertRefused(engine, alice.replace('.', '\u012e'), DenyReason.TOKEN_MALFORMED);
        assertRefused(engine, new String(alice.getBytes(UTF_8), UTF_16BE), DenyReason.TOKEN_MALFORMED);
    }

    @Test
    void isWhollyTheEnginesOwn() {
        String token = issuer.token().compact();
        PolicyEngine first = engine(10);
        VerifiedToken remembered = verified(first, token);

        assertRefused(engine(10, issuer.withNewKey("e1").provider()), token, DenyReason.SIGNATURE_INVALID);
        first.close();
        assertThat(verified(first, token)).isEqualTo(remembered).isNotSameAs(remembered);
    }

    @Test
    void isBounded() {
        PolicyEngine engine = engine(10);
        List<String> tokens = tokens(100, 0);
        List<VerifiedToken> first =
                tokens.stream().map(token -> verified(engine, token)).toList();

        long remembered = IntStream.range(0, 100)
                .filter(i -> isRemembered(engine, tokens.get(i), first.get(i)))
                .count();
        assertThat(remembered).isLessThanOrEqualTo(10);
    }

    @Test
    void countsLongTokensAsSeveral() {
        PolicyEngine engine = engine(4);
        String threeKibibytes = tokens(1, 2000).get(0);
        String fiveKibibytes = tokens(1, 3500).get(0);
        assertThat(threeKibibytes.length()).isBetween(2 * 1024, 4 * 1024);
        assertThat(fiveKibibytes.length()).isBetween(4 * 1024, 6 * 1024);

        assertThat(verified(engine, threeKibibytes)).isSameAs(verified(engine, threeKibibytes));
        assertThat(verified(engine, fiveKibibytes)).isNotSameAs(verified(engine, fiveKibibytes));
    }

    @Test
    void countsWhatItSpares() {
        PolicyEngine engine = engine(10);
        String token = issuer.token().compact();
        verified(engine, token);
        verified(engine, token);
        assertRefused(engine, token.substring(1), DenyReason.TOKEN_MALFORMED);

        assertThat(engine.tokenCache()).isEqualTo(new TokenCacheState(1, 2, 1));
        assertThat(engine(0).tokenCache()).isEqualTo(new TokenCacheState(0, 0, 0));
    }

    @Test
    void canBeOff() {
        PolicyEngine engine = engine(0);
        String token = issuer.token().compact();

        assertThat(verified(engine, token)).isNotSameAs(verified(engine, token));
        engine.close();
        assertThat(verified(engine, token).subject()).isEqualTo("alice");
        assertThatThrownBy(() -> PolicyEngine.builder().cachedTokens(-1)).hasMessageContaining("cachedTokens");
    }

    @Test
    void verifiesATokenOnceForAllWhoBringItAtOnce() throws Exception {
        PolicyEngine engine = engine(100);
        for (String token : tokens(20, 0)) {
            CountDownLatch start = new CountDownLatch(1);
            List<CompletableFuture<VerifiedToken>> askers = Stream.generate(() -> CompletableFuture.supplyAsync(() -> {
                        await(start);
                        return verified(engine, token);
                    }))
                    .limit(4)
                    .toList();
            start.countDown();

            for (CompletableFuture<VerifiedToken> asker : askers) {
                assertThat(asker.get(30, TimeUnit.SECONDS))
                        .isSameAs(askers.get(0).get(30, TimeUnit.SECONDS));
            }
        }
    }

    /** Key sets that change. */
    @Nested
    class WhereKeysChange {
        @TempDir
        private Path folder;

        private final TokenIssuer second = issuer.withNewKey("e2");

        @Test
        void forgetsATokenWithItsKey() throws IOException {
            Path file = folder.resolve("keys.json");
            write(file, TokenIssuer.jwks(issuer, second));
            try (KeySources keys = fileSources();
                    PolicyEngine engine = engine(10, keys, file)) {
                String leaving = issuer.token().compact();
                String staying = second.token().compact();
                verified(engine, leaving);
                VerifiedToken stayed = verified(engine, staying);

                write(file, second.jwks());
                eventually(() -> decide(engine, leaving) instanceof Decision.Deny);

                assertRefused(engine, leaving, DenyReason.KEY_UNKNOWN);
                assertThat(verified(engine, staying)).isEqualTo(stayed);
            }
        }

        @Test
        void forgetsATokenWhoseKeyIdGotAnotherKey() throws IOException {
            Path file = folder.resolve("keys.json");
            write(file, issuer.jwks());
            try (KeySources keys = fileSources();
                    PolicyEngine engine = engine(10, keys, file)) {
                String token = issuer.token().compact();
                verified(engine, token);

                write(file, issuer.withNewKey("e1").jwks());
                eventually(() -> decide(engine, token) instanceof Decision.Deny);

                assertRefused(engine, token, DenyReason.SIGNATURE_INVALID);
            }
        }

        @Test
        void remembersTokensThroughAReadingThatChangesNothing() throws IOException {
            try (StubKeyServer server = new StubKeyServer(body(issuer.jwks()));
                    KeySources keys = KeySources.create();
                    PolicyEngine engine = engine(10, keys, remote(server, Duration.ofMillis(20)))) {
                String token = issuer.token().compact();
                VerifiedToken first = verified(engine, token);

                int asked = server.asked().size();
                eventually(() -> server.asked().size() > asked + 3);

                assertThat(verified(engine, token)).isSameAs(first);
            }
        }

        @Test
        void doesNotRememberWhatItRefused() throws IOException {
            Path file = folder.resolve("keys.json");
            write(file, second.jwks());
            try (KeySources keys = fileSources();
                    PolicyEngine engine = engine(10, keys, file)) {
                String early = issuer.token().compact();
                assertRefused(engine, early, DenyReason.KEY_UNKNOWN);

                write(file, TokenIssuer.jwks(issuer, second));

                eventually(() -> decide(engine, early) instanceof Decision.Allow);
            }
        }

        @Test
        void verifiesATokenThatWaitsForItsKeyOnceForAll() throws Exception {
            CountDownLatch release = new CountDownLatch(1);
            try (StubKeyServer server = new StubKeyServer(exchange -> {
                        await(release);
                        StubKeyServer.send(exchange, 200, issuer.jwks());
                    });
                    KeySources keys = KeySources.create();
                    PolicyEngine engine = engine(10, keys, remote(server, Duration.ofHours(1)))) {
                PolicyRequest request = request(issuer.token().compact());
                CompletableFuture<Decision> first = engine.decideAsync(request).toCompletableFuture();
                CompletableFuture<Decision> other = engine.decideAsync(request).toCompletableFuture();
                assertThat(first).isNotDone();
                assertThat(other).isNotDone();
                release.countDown();

                VerifiedToken token = ((Decision.Allow) first.get(30, TimeUnit.SECONDS)).token();
                assertThat(((Decision.Allow) other.get(30, TimeUnit.SECONDS)).token())
                        .isNotNull()
                        .isSameAs(token);
                assertThat(verified(engine, issuer.token().subject("carol").compact())
                                .subject())
                        .isEqualTo("carol");
            }
        }

        private KeySources fileSources() {
            return KeySources.builder().filePeriod(Duration.ofMillis(10)).build();
        }

        private PolicyEngine engine(int cachedTokens, KeySources keys, Path file) {
            return engine(cachedTokens, keys, JwtProvider.of(issuer.issuer(), new JwksSource.File(file, Origin.CODE)));
        }

        private PolicyEngine engine(int cachedTokens, KeySources keys, JwtProvider provider) {
            return builder(cachedTokens, provider).keys(keys).build();
        }

        private JwtProvider remote(StubKeyServer server, Duration cacheDuration) {
            return JwtProvider.of(
                    issuer.issuer(), new JwksSource.RemoteUrl(server.url("/keys"), cacheDuration, Origin.CODE));
        }

        private void write(Path file, String jwks) throws IOException {
            Path made = Files.write(folder.resolve("new"), jwks.getBytes(UTF_8));
            Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private List<String> tokens(int count, int padding) {
        return IntStream.range(0, count)
                .mapToObj(i -> issuer.token()
                        .claim("jti", "t" + i)
                        .claim("pad", "x".repeat(padding))
                        .compact())
                .toList();
    }

    private PolicyEngine engine(int cachedTokens) {
        return engine(cachedTokens, issuer.provider());
    }

    private PolicyEngine engine(int cachedTokens, JwtProvider provider) {
        return builder(cachedTokens, provider).build();
    }

    private PolicyEngine.Builder builder(int cachedTokens, JwtProvider provider) {
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", JwtAuthentication.of(JwtMode.STRICT, provider), null)))
                .clock(clock)
                .cachedTokens(cachedTokens);
    }

    private static PolicyRequest request(String token) {
        return PolicyRequest.builder("GET", "/")
                .header("Authorization", "Bearer " + token)
                .build();
    }

    private static Decision decide(PolicyEngine engine, String token) {
        return engine.decide(request(token));
    }

    private static VerifiedToken verified(PolicyEngine engine, String token) {
        Decision decision = decide(engine, token);
        assertThat(decision).as("%s", decision.explanation()).isInstanceOf(Decision.Allow.class);
        return Objects.requireNonNull(((Decision.Allow) decision).token());
    }

    @SuppressWarnings("ReferenceEquality")
    private static boolean isRemembered(PolicyEngine engine, String token, VerifiedToken first) {
        return verified(engine, token) == first;
    }

    private static void assertRefused(PolicyEngine engine, String token, DenyReason reason) {
        assertThat(decide(engine, token))
                .isInstanceOfSatisfying(
                        Decision.Deny.class,
                        deny -> assertThat(deny.reason())
                                .as("%s", deny.explanation())
                                .isEqualTo(reason));
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void eventually(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("came true in time").isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** A clock that stands until it is set. */
    private static final class SteppingClock extends Clock {
        private final AtomicInteger seconds;

        SteppingClock(AtomicInteger seconds) {
            this.seconds = seconds;
        }

        @Override
        public Instant instant() {
            return Instant.parse("2026-11-24T12:00:00Z").plusSeconds(seconds.get());
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
