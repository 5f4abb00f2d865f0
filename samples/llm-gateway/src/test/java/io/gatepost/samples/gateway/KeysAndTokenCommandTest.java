package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeysAndTokenCommandTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "PS384", "ES256", "ES384", "ES512", "EdDSA"})
    void signsTokensThatTheKeySetVerifies(String alg) throws Exception {
        assertThat(Cli.run("keys", "--out", folder.toString(), "--alg", alg).exit())
                .isZero();

        Cli token = Cli.run(
                "token", "--issuer", "solo.io", "--subject", "alice", "--claim", "roles=[\"admin\"]", "--key", key());

        assertThat(token.exit()).isZero();
        var keys = new JsonWebKeySet(Files.readString(folder.resolve("jwks.json")));
        var claims = new JwtConsumerBuilder()
                .setVerificationKey(keys.getJsonWebKeys().get(0).getKey())
                .setExpectedIssuer("solo.io")
                .setRequireExpirationTime()
                .build()
                .processToClaims(token.out().trim());
        assertThat(claims.getSubject()).isEqualTo("alice");
        assertThat(claims.getStringListClaimValue("roles")).containsExactly("admin");
        long lifetime =
                claims.getExpirationTime().getValue() - claims.getIssuedAt().getValue();
        assertThat(lifetime).isEqualTo(3600);
    }

    @Test
    void publishesNoPrivateKeyAndGuardsTheFileThatHoldsIt() throws IOException {
        Cli made = Cli.run("keys", "--out", folder.resolve("new").toString());

        String jwks = Files.readString(folder.resolve("new/jwks.json"));
        String secret = Files.readString(folder.resolve("new/private.jwk"));
        assertThat(jwks).contains("\"kid\"", "\"use\":\"sig\"").doesNotContain("\"d\"");
        assertThat(secret).contains("\"d\"");
        assertThat(made.out()).contains("private.jwk").doesNotContain("\"d\"");
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            var permissions = Files.getPosixFilePermissions(folder.resolve("new/private.jwk"));
            assertThat(PosixFilePermissions.toString(permissions)).isEqualTo("rw-------");
        }
    }

    @Test
    void neverOverwritesAKey() throws IOException {
        Cli.run("keys", "--out", folder.toString());
        String before = Files.readString(folder.resolve("private.jwk"));

        Cli again = Cli.run("keys", "--out", folder.toString());

        assertThat(again.exit()).isEqualTo(1);
        assertThat(again.err()).contains("exists");
        assertThat(Files.readString(folder.resolve("private.jwk"))).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({"90s,90", "15m,900", "1h30m,5400", "7d,604800"})
    void readsTimesWithUnits(String text, long seconds) throws Exception {
        assertThat(new TokenCommand.TimeConverter().convert(text).toSeconds()).isEqualTo(seconds);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "h", "10", "1h30", "-5m", "99999999999999999999d"})
    void refusesTimesWithoutUnits(String text) {
        Cli.run("keys", "--out", folder.toString());

        Cli refused = Cli.run("token", "--issuer", "i", "--subject", "s", "--key", key(), "--expires-in", text);

        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains("--expires-in");
    }

    @Test
    void saysWhatIsWrongWithAClaimOrAKey() throws IOException {
        Cli.run("keys", "--out", folder.toString());
        Path noKey = Files.writeString(folder.resolve("other.jwk"), "{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}");
        Map<String, Cli> runs = Map.of(
                "expected JSON", token(key(), "--claim", "team=blue"),
                "expected NAME=JSON", token(key(), "--claim", "team"),
                "does not exist", token(folder.resolve("none").toString()),
                "expected a private key", token(noKey.toString()));

        runs.forEach((words, run) -> {
            assertThat(run.exit()).isEqualTo(1);
            assertThat(run.err()).contains(words).doesNotContain("c2VjcmV0", "internal error");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"keys", "token", "keys --alg HS256 --out x", "token --subject s", "nosuch", "keys --ou x"})
    void explainsACommandLineThatItCannotUnderstand(String line) {
        Cli refused = Cli.run(line.split(" "));

        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains("--help").doesNotContain("\tat ");
    }

    private static Cli token(String key, String... more) {
        String[] args = new String[7 + more.length];
        System.arraycopy(new String[] {"token", "--issuer", "i", "--subject", "s", "--key", key}, 0, args, 0, 7);
        System.arraycopy(more, 0, args, 7, more.length);
        return Cli.run(args);
    }

    private String key() {
        return folder.resolve("private.jwk").toString();
    }
}
