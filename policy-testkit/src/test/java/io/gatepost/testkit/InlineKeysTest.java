package io.gatepost.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.token.TokenIssuer;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of an inline key set when the engine is built, and which of its keys count. */
class InlineKeysTest {
    private static final Origin ORIGIN = new Origin("policy.yaml", 9, 17, "spec.jwks.inline");
    private static final TokenIssuer GOOD = TokenIssuer.of("https://issuer.test");
    private static final BigInteger ED25519_PRIME = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));

    @Test
    void passOverAKeyThatCannotBeUsedAndSayWhy() {
        assertPassedOver("\"text\"", "expected an object");
        assertPassedOver("{\"kty\":\"oct\",\"k\":\"AAAA\"}", "it is symmetric");
        assertPassedOver("{\"kty\":\"AKP\"}", "`kty` must be");
        assertPassedOver("{}", "`kty` is missing");
        assertPassedOver("{\"kty\":\"EC\",\"crv\":\"secp256k1\"}", "`crv` must be `P-256`");
        assertPassedOver("{\"kty\":\"OKP\",\"crv\":\"Ed448\"}", "`crv` must be `Ed25519`");
        assertPassedOver("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"x\",\"y\":\"y\"}", "`x` is not base64url");
        assertPassedOver("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAA\",\"y\":\"AAAA\"}", "must be 32 octets");
        assertPassedOver("{\"kty\":\"RSA\",\"e\":\"AQAB\"}", "`n` is missing");
    }

    @Test
    void passOverPointsThatAreNotOnTheirCurve() {
        String jwk = GOOD.withNewKey("other").jwk();
        String zeros = "A".repeat(43);

        assertPassedOver(jwk.replaceAll("\"y\":\"[^\"]*\"", "\"y\":\"" + zeros + "\""), "no point of its curve");
        assertPassedOver(jwk.replaceAll("\"([xy])\":\"[^\"]*\"", "\"$1\":\"" + zeros + "\""), "no point of its curve");
        assertPassedOver(jwk.replace("P-256", "P-384"), "must be 48 octets");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0", "1", "-1", "2707385501144840649318225287225658788936804267575313519463743609750303402022"})
    void passOverEd25519KeysOfSmallOrder(String y) {
        assertPassedOver(ed25519(new BigInteger(y).mod(ED25519_PRIME)), "no point of Ed25519");
    }

    @Test
    void passOverEd25519KeysThatAreNoPoint() {
        assertPassedOver(ed25519(BigInteger.TWO), "no point of Ed25519");
        assertPassedOver(ed25519(ED25519_PRIME.add(BigInteger.valueOf(3))), "no point of Ed25519");
        assertPassedOver("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"}", "no point of Ed25519");
    }

    @Test
    void passOverShortRsaKeys() throws JoseException {
        String jwk = RsaJwkGenerator.generateJwk(1024).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);

        assertPassedOver(jwk, "RSA keys need 2048 bits or more, this one has 1024");
    }

    @ParameterizedTest
    @CsvSource({"AQ,out of range", "Ag,out of range", "AQABAQABAQABAQAB,out of range"})
    void passOverRsaKeysWithAnExponentThatProtectsNothing(String exponent, String why) {
        String jwk = TokenIssuer.of("https://issuer.test", "RS256", "r", Clock.systemUTC())
                .jwk()
                .replace("AQAB", exponent);

        assertPassedOver(jwk, why);
    }

    /** CVE-2017-15361: primes k * M + (65537^a mod M) betray themselves by their residues. */
    @Test
    void passOverRsaKeysOfTheFaultyChip() {
        BigInteger m = BigInteger.ONE;
        for (int n = 2; n <= 701; n++) {
            m = BigInteger.valueOf(n).isProbablePrime(30) ? m.multiply(BigInteger.valueOf(n)) : m;
        }
        BigInteger n = chipPrime(m, 5).multiply(chipPrime(m, 77));

        assertPassedOver("{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"" + base64Url(n) + "\"}", "can be factored");
    }

    @Test
    void passOverRsaKeysThatAnybodyCanFactor() {
        Random random = new Random(7);
        BigInteger prime = BigInteger.probablePrime(1030, random);
        BigInteger next = prime.nextProbablePrime();

        assertPassedOver(rsa(BigInteger.probablePrime(2048, random)), "it is a prime, or the power of one");
        assertPassedOver(rsa(BigInteger.probablePrime(700, random).pow(3)), "it is a prime, or the power of one");
        assertPassedOver(rsa(prime.pow(2)), "too close");
        assertPassedOver(rsa(prime.multiply(next)), "too close");
        assertPassedOver(
                rsa(prime.multiply(BigInteger.probablePrime(1040, random)).shiftLeft(1)), "a small factor");
        assertPassedOver(
                rsa(BigInteger.probablePrime(2040, random).multiply(BigInteger.valueOf(997))), "a small factor");
    }

    @Test
    void passOverRsaKeysThatCostTooMuch() {
        BigInteger long16 = new BigInteger(16_384, new Random(3)).setBit(16_383).setBit(0);

        assertPassedOver(rsa(long16), "RSA keys may have 8192 bits or less, this one has 16384");
        assertPassedOver(
                TokenIssuer.of("https://issuer.test", "RS256", "r", Clock.systemUTC())
                        .jwk()
                        .replace("AQAB", base64Url(BigInteger.ONE.shiftLeft(33).add(BigInteger.ONE))),
                "at most 33 bits long");
        BigInteger long5 = new BigInteger(5000, new Random(3)).setBit(4999).setBit(0);
        assertPassedOver(
                rsa(long5)
                        .replace("AQAB", base64Url(BigInteger.ONE.shiftLeft(17).add(BigInteger.ONE))),
                "at most 17 bits long");
    }

    @Test
    void passOverKeysWhoseAlgIsNotTheirs() {
        String jwk = GOOD.withNewKey("other").jwk();

        for (String alg : List.of("ES384", "HS256", "none", "RSA-OAEP")) {
            assertPassedOver(jwk.replace("ES256", alg), "`alg` is not a signature algorithm of its type and curve");
        }
    }

    @Test
    void passOverKeysForEncryptionWithoutAWord() {
        TokenIssuer other = GOOD.withNewKey("other");
        String forEncryption = other.jwk().replace("\"use\":\"sig\"", "\"use\":\"enc\"");
        String forWrapping = other.jwk().replace("\"use\":\"sig\"", "\"key_ops\":[\"wrapKey\"]");

        for (String jwk : List.of(forEncryption, forWrapping)) {
            PolicyEngine engine = engine("{\"keys\":[" + GOOD.jwk() + "," + jwk + "]}");

            assertThat(engine.warnings()).isEmpty();
            assertThat(allows(engine, GOOD)).isTrue();
            assertThat(allows(engine, other)).isFalse();
            assertThat(allows(engine, other.token().withoutHeader("kid").compact()))
                    .isFalse();
        }
    }

    @Test
    void tryEachOfTheKeysWithOneKid() {
        TokenIssuer last = GOOD.withNewKey(GOOD.keyId());
        PolicyEngine engine = engine(TokenIssuer.jwks(GOOD, last));

        assertThat(allows(engine, last)).isTrue();
        assertThat(allows(engine, GOOD)).isTrue();
        assertThat(allows(engine, GOOD.withNewKey(GOOD.keyId()))).isFalse();
        assertThat(reason(engine, last.token().expiresIn(Duration.ofHours(-1)).compact()))
                .isEqualTo(DenyReason.TOKEN_EXPIRED);
        assertThat(engine.warnings())
                .containsExactly(Diagnostic.warning(
                        ORIGIN, "kid `key-1` is that of several keys; each is tried: give each its own"));
    }

    @Test
    void boundHowManyKeysOfOneKidAreTried() {
        TokenIssuer[] namesakes =
                Stream.generate(() -> GOOD.withNewKey(GOOD.keyId())).limit(5).toArray(TokenIssuer[]::new);
        PolicyEngine engine = engine(TokenIssuer.jwks(namesakes));

        assertThat(Arrays.stream(namesakes).map(issuer -> allows(engine, issuer)))
                .containsExactly(true, true, true, true, false);
        assertThat(engine.warnings())
                .extracting(Diagnostic::message)
                .contains("keys[4] is passed over: more than 4 keys have the kid `key-1`");
    }

    @Test
    void countAKeyOnceThatStandsThereTwice() {
        PolicyEngine engine = engine(TokenIssuer.jwks(GOOD, GOOD));

        assertThat(allows(engine, GOOD)).isTrue();
        assertThat(allows(engine, GOOD.token().withoutHeader("kid").compact())).isTrue();
        assertThat(engine.warnings())
                .extracting(Diagnostic::message)
                .containsExactly("keys[1] is passed over: it occurs twice");
    }

    @ParameterizedTest
    @CsvSource({"EdDSA,Ed25519", "Ed25519,EdDSA", "Ed25519,Ed25519", "EdDSA,EdDSA"})
    void knowBothNamesOfEd25519(String ofTheKey, String ofTheToken) {
        TokenIssuer edwards = TokenIssuer.of(GOOD.issuer(), "EdDSA", "ed", Clock.systemUTC());
        PolicyEngine engine = engine("{\"keys\":[" + edwards.jwk().replace("\"EdDSA\"", "\"" + ofTheKey + "\"") + "]}");

        assertThat(engine.warnings()).isEmpty();
        assertThat(allows(engine, edwards.token().header("alg", ofTheToken).compact()))
                .isTrue();
        assertThat(allows(
                        engine,
                        edwards.withNewKey("ed")
                                .token()
                                .header("alg", ofTheToken)
                                .compact()))
                .isFalse();
    }

    @Test
    void holdNoMoreKeysThanCanBeMeant() {
        String[] keys = IntStream.range(0, 2001)
                .mapToObj(i -> GOOD.jwk().replace("key-1", "k" + i))
                .toArray(String[]::new);
        String most = "{\"keys\":[" + String.join(",", Arrays.copyOf(keys, 2000)) + "]}";

        assertThat(allows(engine(most), GOOD.token().header("kid", "k1999").compact()))
                .isTrue();
        assertError("{\"keys\":[" + String.join(",", keys) + "]}", "more than 2000 keys that can verify tokens");
    }

    @Test
    void tellKeysOfOneKidApartByTheirType() {
        TokenIssuer rsa = TokenIssuer.of(GOOD.issuer(), "PS256", GOOD.keyId(), Clock.systemUTC());
        PolicyEngine engine = engine(TokenIssuer.jwks(GOOD, rsa));

        assertThat(allows(engine, GOOD)).isTrue();
        assertThat(allows(engine, rsa)).isTrue();
        assertThat(engine.warnings()).isEmpty();
    }

    @Test
    void ignoreMembersThatNobodyKnows() {
        PolicyEngine engine = engine(GOOD.jwks().replace("\"kty\"", "\"x5t\":\"abc\",\"issuer\":\"x\",\"kty\""));

        assertThat(engine.warnings()).isEmpty();
        assertThat(allows(engine, GOOD)).isTrue();
    }

    @Test
    void mustHoldAUsableKey() {
        assertError("{\"keys\":[]}", "the key set holds no key that can verify tokens");
        assertError("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}", "the key set holds no key that can verify tokens");
    }

    @Test
    void sayWhichMemberRulesAKeyOutWhereNoneIsLeft() {
        String forEncryption = GOOD.jwk().replace("\"use\":\"sig\"", "\"use\":\"enc\"");
        String forSigning = GOOD.jwk().replace("\"use\":\"sig\"", "\"key_ops\":[\"sign\"]");

        assertError(
                "{\"keys\":[" + forEncryption + "," + forSigning + "]}",
                "keys[0] is passed over: its `use` is not `sig` (RFC 7517 section 4.2);"
                        + " keys[1] is passed over: its `key_ops` does not list `verify`");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|no list `keys`",
                "{\"keys\":{}}|no list `keys`",
                "not json|not usable JSON",
                "[]|not a JSON object",
                "{\"keys\":[],\"keys\":[]}|a member occurs twice"
            })
    void mustBeAKeySet(String text, String why) {
        assertError(text, why);
    }

    @Test
    void mustHoldNoPrivateKey() {
        assertError(GOOD.jwks().replace("\"kty\"", "\"d\":\"c2VjcmV0\",\"kty\""), "private key material");
        assertThatThrownBy(() -> engine(GOOD.jwks().replace("\"kty\"", "\"d\":\"c2VjcmV0\",\"kty\"")))
                .message()
                .doesNotContain("c2VjcmV0");
    }

    private static void assertPassedOver(String jwk, String why) {
        PolicyEngine engine = engine("{\"keys\":[" + jwk + "," + GOOD.jwk() + "]}");

        assertThat(engine.warnings()).singleElement().satisfies(warning -> {
            assertThat(warning.origin()).isEqualTo(ORIGIN);
            assertThat(warning.message()).startsWith("keys[0] is passed over: ").contains(why);
        });
        assertThat(allows(engine, GOOD)).isTrue();
    }

    private static void assertError(String jwks, String why) {
        assertThatThrownBy(() -> engine(jwks))
                .isInstanceOf(InvalidPolicyException.class)
                .hasMessageContaining("policy.yaml:9:17: spec.jwks.inline: ")
                .hasMessageContaining(why);
    }

    private static String rsa(BigInteger modulus) {
        return "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"" + base64Url(modulus) + "\"}";
    }

    private static DenyReason reason(PolicyEngine engine, String token) {
        return ((Decision.Deny) decide(engine, token)).reason();
    }

    private static boolean allows(PolicyEngine engine, TokenIssuer issuer) {
        return allows(engine, issuer.token().compact());
    }

    private static boolean allows(PolicyEngine engine, String token) {
        return decide(engine, token) instanceof Decision.Allow;
    }

    private static Decision decide(PolicyEngine engine, String token) {
        return engine.decide(PolicyRequest.builder("GET", "/")
                .header("Authorization", "Bearer " + token)
                .build());
    }

    private static PolicyEngine engine(String jwks) {
        JwtProvider provider = new JwtProvider(
                GOOD.issuer(),
                List.of(),
                new JwksSource.Inline(jwks, ORIGIN),
                Set.of("exp"),
                JwtProvider.DEFAULT_CLOCK_SKEW,
                Origin.CODE);
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", JwtAuthentication.of(JwtMode.STRICT, provider), null)))
                .build();
    }

    private static BigInteger chipPrime(BigInteger m, int exponent) {
        BigInteger residue = BigInteger.valueOf(65537).modPow(BigInteger.valueOf(exponent), m);
        SecureRandom random = new SecureRandom();
        BigInteger candidate;
        do {
            BigInteger k = new BigInteger(1040 - m.bitLength(), random).setBit(1039 - m.bitLength());
            candidate = k.multiply(m).add(residue);
        } while (!candidate.isProbablePrime(30));
        return candidate;
    }

    private static String ed25519(BigInteger y) {
        byte[] bigEndian = y.toByteArray();
        byte[] key = new byte[32];
        for (int i = 0; i < Math.min(32, bigEndian.length); i++) {
            key[i] = bigEndian[bigEndian.length - 1 - i];
        }
        return "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\""
                + Base64.getUrlEncoder().withoutPadding().encodeToString(key) + "\"}";
    }

    private static String base64Url(BigInteger number) {
        byte[] octets = number.toByteArray();
        int from = octets[0] == 0 ? 1 : 0;
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOfRange(octets, from, octets.length));
    }
}
