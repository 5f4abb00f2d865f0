package io.gatepost.testkit;

import static io.gatepost.testkit.StubKeyServer.body;
import static io.gatepost.testkit.StubKeyServer.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.token.TokenBuilder;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A restart while the key server is down. */
@Timeout(60)
class KeptKeysTest {
    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    private Path folder;

    private Path state = Path.of("");
    private StubKeyServer server = unused();
    private TokenIssuer issuer = TokenIssuer.of("https://issuer.test");

    private static StubKeyServer unused() {
        try {
            return new StubKeyServer(status(500, ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeEach
    void publish() {
        state = folder.resolve("state");
        server.answer(body(issuer.jwks()));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "PS384", "ES256", "ES384", "ES512", "EdDSA"})
    void servesAtOnceByTheLastGoodKeys(String algorithm) throws IOException {
        issuer = TokenIssuer.of("https://issuer.test", algorithm, "key-1", Clock.systemUTC());
        server.answer(body(issuer.jwks()));
        fetchAndStop();
        server.answer(status(500, ""));

        try (KeySources keys = sources();
                PolicyEngine engine = engine(keys)) {
            assertThat(engine.decideAsync(request()).toCompletableFuture())
                    .isCompletedWithValueMatching(Decision.Allow.class::isInstance);
            assertThat(keys.states().get(0).readAt()).isNotNull();
        }
    }

    @Test
    void servesByKeysWithoutIdAndAlgorithm() throws IOException {
        server.answer(body(issuer.jwks().replaceAll("\"(kid|alg|use)\":\"[^\"]*\",?", "")));
        fetchAndStop();
        server.answer(status(500, ""));

        try (KeySources keys = sources();
                PolicyEngine engine = engine(keys)) {
            assertThat(engine.decide(bearing(issuer.token().withoutHeader("kid"))))
                    .isInstanceOf(Decision.Allow.class);
        }
    }

    @Test
    void takesUpNewerKeysAsSoonAsTheServerIsBack() throws IOException {
        fetchAndStop();
        TokenIssuer before = issuer;
        issuer = issuer.withNewKey("key-2");
        server.answer(body(issuer.jwks()));

        try (KeySources keys = sources();
                PolicyEngine engine = engine(keys)) {
            assertThat(engine.decide(request())).isInstanceOf(Decision.Allow.class);
            assertThat(engine.decide(bearing(before.token()))).isInstanceOf(Decision.Deny.class);
        }
    }

    @Test
    void writesPublicKeysOnlyAndForItsOwnerOnly() throws IOException {
        server.answer(body(issuer.jwks().replace("[", "[{\"kty\":\"oct\",\"k\":\"c2VjcmV0LXNlY3JldA\"},")));
        Path file = fetchAndStop();

        assertThat(Files.readString(file)).contains("\"key-1\"").doesNotContain("c2VjcmV0", "oct", "\"d\"");
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(Files.getPosixFilePermissions(state)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{\"keys\":[]}", "[]", "\u0000"})
    void passesOverWhatItCannotRead(String text) throws IOException {
        Files.writeString(fetchAndStop(), text);

        startsWithoutKeys();
    }

    @Test
    void passesOverKeysOfAnotherSource() throws IOException {
        Path file = fetchAndStop();
        Files.writeString(file, Files.readString(file).replace("/keys", "/kez"));

        startsWithoutKeys();
    }

    @Test
    void passesOverPrivateKeys() throws IOException {
        Path file = fetchAndStop();
        Files.writeString(file, Files.readString(file).replace("\"kid\"", "\"d\":\"AAAA\",\"kid\""));

        startsWithoutKeys();
    }

    @Test
    void passesOverWhatOthersMayWrite() throws IOException {
        Files.setPosixFilePermissions(fetchAndStop(), PosixFilePermissions.fromString("rw-rw----"));

        startsWithoutKeys();
    }

    @Test
    void passesOverALink() throws IOException {
        Path file = fetchAndStop();
        Path elsewhere = Files.move(file, folder.resolve("elsewhere"));
        Files.createSymbolicLink(file, elsewhere);

        startsWithoutKeys();
    }

    @Test
    void writesNothingOnceClosed() throws IOException {
        for (int i = 0; i < 30; i++) {
            try (KeySources keys = sources();
                    PolicyEngine engine = engine(keys)) {
                assertThat(engine.decide(request())).isInstanceOf(Decision.Allow.class);
            }
            List<Path> left = files();
            for (Path file : left) {
                Files.delete(file);
            }
            // Fails where a draft is still there, or comes.
            Files.delete(state);
        }
    }

    @Test
    void refusesAFolderThatOthersMayWrite() throws IOException {
        Files.createDirectory(state);
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwxrwxrwx"));

        assertThatThrownBy(this::sources)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("state directory");
    }

    @Test
    void refusesAFolderOfAnotherUser() throws IOException {
        Files.createDirectory(state);
        giveToAnotherUser(state);

        assertThatThrownBy(this::sources)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("state directory")
                .hasMessageContaining("belongs to another user");
    }

    @Test
    void refusesAFolderInOneOfAnotherUser() throws IOException {
        Path parent = Files.createDirectory(folder.resolve("parent"));
        state = Files.createDirectory(parent.resolve("state"));
        giveToAnotherUser(parent);

        assertThatThrownBy(this::sources)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("`" + parent + "`, which leads to it, belongs to another user");
    }

    @Test
    void refusesAFolderThatOthersMayReplace() throws IOException {
        Path parent = Files.createDirectory(folder.resolve("parent"));
        state = Files.createDirectories(parent.resolve("between/state"));
        Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwxrwx---"));

        assertThatThrownBy(this::sources)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("others than its owner may write `" + parent + "`, which leads to it");

        Files.setAttribute(parent, "unix:mode", 01777);
        sources().close();
    }

    @Test
    void refusesALinkThatOthersMayReplace() throws IOException {
        Path shared = Files.createDirectory(folder.resolve("shared"));
        Path real = Files.createDirectory(folder.resolve("real"));
        Path link = Files.createSymbolicLink(shared.resolve("link"), real);
        state = Files.createSymbolicLink(folder.resolve("state"), link);
        sources().close();
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));

        assertThatThrownBy(this::sources)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("`" + shared + "`, which leads to it");
    }

    @Test
    void passesOverAFileOfAnotherUser() throws IOException {
        giveToAnotherUser(fetchAndStop());

        startsWithoutKeys();
    }

    @Test
    void passesOverWhatIsNoFile() throws Exception {
        Path file = fetchAndStop();
        Files.delete(file);
        assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor())
                .isZero();
        startsWithoutKeys();

        Files.delete(file);
        Files.createDirectory(file);
        startsWithoutKeys();
    }

    @Test
    void keepsNothingInAFolderThatOthersMayWriteMeanwhile() throws IOException {
        try (KeySources keys = sources()) {
            Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwxrwxrwx"));
            try (PolicyEngine engine = engine(keys)) {
                assertThat(engine.decide(request())).isInstanceOf(Decision.Allow.class);
            }
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void countsTheAgeOfKeysFromWhenTheyWereFetched() throws IOException {
        fetchAndStop();
        server.answer(status(500, ""));
        Clock later = Clock.offset(Clock.systemUTC(), Duration.ofHours(3));
        KeySources.Builder strict =
                KeySources.builder().stateDirectory(state).clock(later).maxStale(HOUR);

        try (KeySources keys = strict.build();
                PolicyEngine engine = engine(keys)) {
            assertThat(reason(engine)).isEqualTo(DenyReason.KEYS_UNAVAILABLE);
        }
    }

    @Test
    void tellsHowKeysFareAndEndsWhileADiskIsSlow() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        // The time is asked for on the way to the disk.
        Clock slow = new HeldClock(begun, over);
        KeySources keys = KeySources.builder().stateDirectory(state).clock(slow).build();
        CompletableFuture<Void> starting =
                CompletableFuture.runAsync(() -> engine(keys).close());
        begun.await();

        assertThat(keys.states())
                .singleElement()
                .satisfies(state -> assertThat(state.keys()).isZero());
        keys.close();

        assertThat(starting).isNotDone();
        over.countDown();
        starting.get();
    }

    /** Needs root's rights, as containers that build have them. */
    private static void giveToAnotherUser(Path path) throws IOException {
        assumeTrue(Files.getOwner(path).getName().equals("root"), "only root gives files away");
        Files.setAttribute(path, "unix:uid", 65_534);
    }

    private void startsWithoutKeys() {
        server.answer(status(500, ""));
        try (KeySources keys = sources();
                PolicyEngine engine = engine(keys)) {
            assertThat(reason(engine)).isEqualTo(DenyReason.KEYS_UNAVAILABLE);
        }
    }

    /** The file of the fetched keys. */
    private Path fetchAndStop() throws IOException {
        try (KeySources keys = sources();
                PolicyEngine engine = engine(keys)) {
            assertThat(engine.decide(request())).isNotNull();
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (files().isEmpty()) {
                assertThat(System.nanoTime()).as("came true in time").isLessThan(deadline);
                LockSupport.parkNanos(1_000_000);
            }
            assertThat(files()).hasSize(1);
            return files().get(0);
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(state)) {
            return files.filter(file -> file.toString().endsWith(".json")).toList();
        }
    }

    private KeySources sources() {
        return KeySources.builder().stateDirectory(state).build();
    }

    private PolicyEngine engine(KeySources keys) {
        JwksSource source = new JwksSource.RemoteUrl(server.url("/keys"), HOUR, Origin.CODE);
        JwtProvider provider = JwtProvider.of(issuer.issuer(), source);
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", JwtAuthentication.of(JwtMode.STRICT, provider), null)))
                .keys(keys)
                .build();
    }

    /** Tells the time once it may. */
    private static final class HeldClock extends Clock {
        private final CountDownLatch asked;
        private final CountDownLatch mayTell;

        HeldClock(CountDownLatch asked, CountDownLatch mayTell) {
            this.asked = asked;
            this.mayTell = mayTell;
        }

        @Override
        public Instant instant() {
            asked.countDown();
            try {
                mayTell.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return Instant.now();
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private DenyReason reason(PolicyEngine engine) {
        return ((Decision.Deny) engine.decide(request())).reason();
    }

    private PolicyRequest request() {
        return bearing(issuer.token());
    }

    private static PolicyRequest bearing(TokenBuilder token) {
        return PolicyRequest.builder("GET", "/")
                .header("Authorization", "Bearer " + token.compact())
                .build();
    }
}
