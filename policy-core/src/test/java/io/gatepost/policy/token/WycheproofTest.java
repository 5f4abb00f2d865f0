package io.gatepost.policy.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.gatepost.policy.keys.KeySet;
import io.gatepost.policy.keys.SignatureAlgorithm;
import io.gatepost.policy.keys.VerificationKey;
import io.gatepost.policy.text.Base64Url;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Signatures, keys and tokens that broke other implementations: the vectors of project Wycheproof. */
class WycheproofTest {
    private static final Path VECTORS = Path.of("..", "..", "shared", "security", "wycheproof.json");

    /** Their key is for another algorithm than their token, or for none: RFC 8725 section 3.1 has them refused. */
    private static final Set<String> OF_ANOTHER_ALGORITHM = Set.of("Figure20", "Figure27");

    /** Valid, but their like occurs once in 2^128 signatures: JDK 17's arithmetic refuses them, JDK 25's does not. */
    private static final Pattern WITH_A_REDUCED_COORDINATE =
            Pattern.compile("k\\*G has a large x-coordinate|r = \\d, x = n \\+ \\d is the smallest possible x.*");

    private static JsonNode vectors = JsonMapper.shared().createObjectNode();

    @BeforeAll
    static void read() throws IOException {
        assumeTrue(Files.exists(VECTORS), "the vectors are not part of the project; they lie beside it where CI runs");
        vectors = JsonMapper.shared().readTree(Files.readString(VECTORS));
    }

    @TestFactory
    Stream<DynamicTest> verifiesSignaturesOverBytes() {
        return stream(vectors.path("raw"))
                .flatMap(group -> stream(group.path("tests"))
                        .map(test -> dynamicTest(
                                name(group.path("alg").asString(), test), () -> judge(test, verifies(group, test)))));
    }

    @TestFactory
    Stream<DynamicTest> verifiesTokens() {
        return stream(vectors.path("jws"))
                .flatMap(group -> stream(group.path("tests"))
                        .map(test -> dynamicTest(
                                name(group.path("group").asString(), test),
                                () -> judge(test, verifies(List.of(group.path("jwk")), test.path("jws"))))));
    }

    @TestFactory
    Stream<DynamicTest> refusesTokensOfKeySetsThatShouldNotBeUsed() {
        return stream(vectors.path("jwkSets"))
                .map(set -> dynamicTest(
                        name(set.path("group").asString(), set),
                        () -> judge(set, verifies(stream(set.path("keys")).toList(), set.path("jws")))));
    }

    private static void judge(JsonNode test, boolean verified) {
        String result = test.path("result").asString();
        assertThat(List.of("valid", "invalid", "acceptable")).contains(result);
        String comment = test.path("comment").asString("");
        boolean valid = result.equals("valid") && !OF_ANOTHER_ALGORITHM.contains(comment);
        boolean known = WITH_A_REDUCED_COORDINATE.matcher(comment).matches() && !verified;
        if (!result.equals("acceptable") && !known) {
            assertThat(verified).isEqualTo(valid);
        }
    }

    private static boolean verifies(JsonNode group, JsonNode test) throws Exception {
        VerificationKey key = key(group.path("jwk"));
        SignatureAlgorithm algorithm =
                SignatureAlgorithm.named(group.path("alg").asString());
        HexFormat hex = HexFormat.of();
        return key != null
                && algorithm != null
                && key.algorithms().contains(algorithm)
                && algorithm.verifies(
                        hex.parseHex(test.path("sig").asString()),
                        key.key(),
                        hex.parseHex(test.path("msg").asString()));
    }

    /** The payloads are no claims, so the signature alone is looked at, by the key that the token names. */
    private static boolean verifies(List<JsonNode> jwks, JsonNode token) throws Exception {
        if (!token.isString()) {
            return false;
        }
        String[] segments = token.asString().split("\\.", -1);
        String claims = "e30";
        if (segments.length != 3 || Base64Url.decode(segments[1]) == null) {
            return false;
        }
        Jws header;
        try {
            header = Jws.parse(segments[0] + "." + claims + "." + segments[2]);
        } catch (RejectedTokenException e) {
            return false;
        }
        byte[] signature = Base64Url.decode(segments[2]);
        byte[] input = (segments[0] + "." + segments[1]).getBytes(StandardCharsets.US_ASCII);
        for (JsonNode jwk : jwks) {
            VerificationKey key = key(jwk);
            if (key != null
                    && signature != null
                    && (header.keyId() == null || header.keyId().equals(key.id()))
                    && key.algorithms().contains(header.algorithm())
                    && header.algorithm().verifies(signature, key.key(), input)) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable VerificationKey key(JsonNode jwk) throws Exception {
        String set = JsonMapper.shared().writeValueAsString(jwk);
        List<VerificationKey> keys = KeySet.parse("{\"keys\":[" + set + "]}").keys();
        return keys.isEmpty() ? null : keys.get(0);
    }

    private static String name(String group, JsonNode test) {
        return group + " " + test.path("id").asString() + " "
                + test.path("comment").asString("");
    }

    private static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}
