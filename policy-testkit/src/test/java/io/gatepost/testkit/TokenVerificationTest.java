package io.gatepost.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.token.TokenBuilder;
import io.gatepost.tools.token.TokenIssuer;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a token must be to be taken, by the recommendations of RFC 8725. */
class TokenVerificationTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://issuer.test", "ES256", "e1", CLOCK);
    private static final TokenIssuer RSA = TokenIssuer.of("https://issuer.test", "RS256", "r1", CLOCK);
    private static final TokenIssuer STRANGER = TokenIssuer.of("https://stranger.test", "ES256", "e1", CLOCK);

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
    void allowsATokenSignedWith(String algorithm) {
        TokenIssuer issuer = TokenIssuer.of("https://issuer.test", algorithm, "k", CLOCK);

        assertThat(allowed(issuer.token(), issuer.provider()).subject()).isEqualTo("alice");
        assertRefused(issuer.token().signedBy(issuer.withNewKey("k")), DenyReason.SIGNATURE_INVALID, issuer.provider());
    }

    @Test
    void handsOverEveryClaimWithItsExactType() {
        VerifiedToken token = allowed(ISSUER.token().claimsText("""
                {"iss": "https://issuer.test", "exp": 1890000000, "big": 123456789012345678901234567890,
                 "half": 0.5, "https://example.com/roles": ["a", "b"], "nested": {"yes": true, "none": null}}"""));

        assertThat(token.issuer()).isEqualTo("https://issuer.test");
        assertThat(token.keyId()).isEqualTo("e1");
        assertThat(token.subject()).isNull();
        assertThat(token.claims())
                .containsEntry("exp", 1_890_000_000L)
                .containsEntry("big", new BigInteger("123456789012345678901234567890"))
                .containsEntry("half", 0.5)
                .containsEntry("https://example.com/roles", List.of("a", "b"));
        assertThat(String.valueOf(token.claims().get("nested"))).isEqualTo("{yes=true, none=null}");
    }

    @Test
    void namesTheProviderOfARefusedTokenAndNeverAnIssuerThatItMadeUp() {
        assertThat(refusal(ISSUER.token().signedBy(STRANGER)).explanation().provider())
                .isEqualTo("https://issuer.test");
        assertThat(refusal(STRANGER.token()).explanation().provider()).isNull();
        assertThat(refusal(ISSUER.token().signedBy(STRANGER)).token()).isNull();
    }

    private static Decision refusal(TokenBuilder token) {
        Decision decision = decide(token.compact(), JwtMode.STRICT, ISSUER.provider());
        assertThat(decision).isInstanceOf(Decision.Deny.class);
        return decision;
    }

    /** RFC 8725 sections 3.1 and 3.2. */
    @Nested
    class Algorithms {
        @ParameterizedTest
        @ValueSource(
                strings = {"none", "None", "HS256", "HS512", "es256", "RSA-OAEP", "ES256K", "RS1", "SHA256withECDSA"})
        void refuses(String algorithm) {
            assertRefused(ISSUER.token().header("alg", algorithm), DenyReason.ALGORITHM_NOT_ALLOWED);
        }

        @Test
        void refusesAHeaderWithoutOne() {
            assertRefused(ISSUER.token().withoutHeader("alg"), DenyReason.TOKEN_MALFORMED);
            assertRefused(ISSUER.token().header("alg", List.of("ES256")), DenyReason.TOKEN_MALFORMED);
        }

        @ParameterizedTest
        @ValueSource(strings = {"PS256", "RS512", "ES256"})
        void refusesAllButTheOneThatTheKeyNames(String algorithm) {
            assertRefused(RSA.token().header("alg", algorithm), DenyReason.ALGORITHM_NOT_ALLOWED, RSA.provider());
        }

        @ParameterizedTest
        @CsvSource({"RS256,PS256,true", "RS256,RS512,true", "ES256,ES384,false", "ES384,ES256,false"})
        void fixesThemByTheKeysTypeAndCurveWhereItNamesNone(String ofKey, String ofToken, boolean fits) {
            TokenIssuer issuer = TokenIssuer.of("https://issuer.test", ofKey, "k", CLOCK);
            JwtProvider provider = provider(issuer.jwks().replaceAll(",\"alg\":\"[^\"]*\"", ""));
            TokenBuilder token = issuer.token().header("alg", ofToken).signedWith(fits ? ofToken : ofKey);

            if (fits) {
                assertThat(allowed(token, provider).subject()).isEqualTo("alice");
            } else {
                assertRefused(token, DenyReason.ALGORITHM_NOT_ALLOWED, provider);
            }
        }

        @Test
        void refusesTheSignatureOfAnotherAlgorithmOfTheSameKey() {
            JwtProvider provider = provider(RSA.jwks().replace(",\"alg\":\"RS256\"", ""));

            assertRefused(
                    RSA.token().header("alg", "PS256").signedWith("RS256"), DenyReason.SIGNATURE_INVALID, provider);
        }
    }

    /** RFC 8725 section 3.8, DESIGN's difference 2. */
    @Nested
    class Issuers {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "https://issuer.test/",
                    "https://Issuer.test",
                    " https://issuer.test",
                    "",
                    "https://issuer.tes"
                })
        void comparesThemWhole(String issuer) {
            assertRefused(ISSUER.token().claim("iss", issuer), DenyReason.ISSUER_UNTRUSTED);
        }

        @Test
        void refusesATokenWithoutOne() {
            assertRefused(ISSUER.token().withoutClaim("iss"), DenyReason.ISSUER_UNTRUSTED);
            assertRefused(
                    ISSUER.token().withoutClaim("iss").header("iss", ISSUER.issuer()), DenyReason.ISSUER_UNTRUSTED);
            assertRefused(ISSUER.token().claim("iss", 1), DenyReason.ISSUER_UNTRUSTED);
        }

        @Test
        void countsAListThatNamesOneTrustedIssuerOnly() {
            TokenBuilder one = ISSUER.token().claim("iss", List.of("https://elsewhere.test", ISSUER.issuer()));
            TokenBuilder both = ISSUER.token().claim("iss", List.of(STRANGER.issuer(), ISSUER.issuer()));

            assertThat(allowed(one).issuer()).isEqualTo(ISSUER.issuer());
            assertRefused(both, DenyReason.ISSUER_UNTRUSTED, ISSUER.provider(), STRANGER.provider());
            assertRefused(ISSUER.token().claim("iss", List.of()), DenyReason.ISSUER_UNTRUSTED);
            assertRefused(ISSUER.token().claim("iss", List.of(ISSUER.issuer(), 1)), DenyReason.ISSUER_UNTRUSTED);
            assertRefused(ISSUER.token().claim("iss", List.of(List.of(ISSUER.issuer()))), DenyReason.ISSUER_UNTRUSTED);
        }

        @Test
        void keepsTheirKeysApart() {
            TokenBuilder token = STRANGER.token().claim("iss", ISSUER.issuer());

            assertRefused(token, DenyReason.SIGNATURE_INVALID, STRANGER.provider(), ISSUER.provider());
        }

        @Test
        void letsTheProviderThatHoldsTheKidDecideWhereSeveralShareOneIssuer() {
            TokenIssuer second = ISSUER.withNewKey("e2");
            JwtProvider[] providers = {ISSUER.provider("web"), second.provider("batch")};

            assertThat(allowed(second.token().claim("aud", "batch"), providers).keyId())
                    .isEqualTo("e2");
            assertRefused(second.token().claim("aud", "web"), DenyReason.AUDIENCE_MISMATCH, providers);
            assertRefused(ISSUER.token().claim("aud", "batch"), DenyReason.AUDIENCE_MISMATCH, providers);
        }

        @Test
        void takesTheAudienceOfEitherProviderThatHoldsTheSameKey() {
            JwtProvider[] providers = {ISSUER.provider("web"), ISSUER.provider("batch")};

            assertThat(allowed(ISSUER.token().claim("aud", "batch"), providers).subject())
                    .isEqualTo("alice");
            assertRefused(ISSUER.token().claim("aud", "mail"), DenyReason.AUDIENCE_MISMATCH, providers);
        }
    }

    /** RFC 7515 section 4.1.4, DESIGN's difference 2. */
    @Nested
    class KeyIds {
        private final TokenIssuer second = ISSUER.withNewKey("e2");

        @ParameterizedTest
        @ValueSource(strings = {"e1 ", "E1", "", "e9", "../e1"})
        void mustBeExact(String keyId) {
            assertRefused(ISSUER.token().header("kid", keyId), DenyReason.KEY_UNKNOWN);
        }

        @Test
        void mustBeStrings() {
            assertRefused(ISSUER.token().header("kid", List.of("e1")), DenyReason.TOKEN_MALFORMED);
            assertRefused(ISSUER.token().header("kid", null), DenyReason.TOKEN_MALFORMED);
        }

        @Test
        void mayBeAbsentWhereOneKeyFits() {
            JwtProvider provider = provider(TokenIssuer.jwks(ISSUER, RSA));

            assertThat(allowed(ISSUER.token().withoutHeader("kid"), provider).keyId())
                    .isEqualTo("e1");
        }

        @Test
        void areNeededWhereTwoKeysFit() {
            JwtProvider one = provider(TokenIssuer.jwks(ISSUER, second));
            TokenBuilder token = ISSUER.token().withoutHeader("kid");

            assertRefused(token, DenyReason.KEY_UNKNOWN, one);
            assertRefused(token, DenyReason.KEY_UNKNOWN, ISSUER.provider(), second.provider());
        }

        @Test
        void mayBeAbsentWhereTwoProvidersHoldTheSameKey() {
            JwtProvider[] providers = {ISSUER.provider("web"), ISSUER.provider("batch")};

            assertThat(allowed(ISSUER.token().withoutHeader("kid").claim("aud", "batch"), providers)
                            .subject())
                    .isEqualTo("alice");
        }

        @Test
        void nameTheKeyThatMustHaveSigned() {
            JwtProvider provider = provider(TokenIssuer.jwks(ISSUER, second));

            assertRefused(ISSUER.token().header("kid", "e2"), DenyReason.SIGNATURE_INVALID, provider);
        }
    }

    @Nested
    class Times {
        @ParameterizedTest
        @CsvSource({"-PT59S,true", "-PT60S,false", "-PT61S,false", "PT1S,true", "PT87600H,true"})
        void bearSixtySecondsOfSkewInExp(Duration fromNow, boolean good) {
            if (good) {
                assertThat(allowed(ISSUER.token().expiresIn(fromNow)).subject()).isEqualTo("alice");
            } else {
                assertRefused(ISSUER.token().expiresIn(fromNow), DenyReason.TOKEN_EXPIRED);
            }
        }

        @ParameterizedTest
        @CsvSource({"-PT1H,true", "PT60S,true", "PT61S,false"})
        void bearSixtySecondsOfSkewInNbf(Duration fromNow, boolean good) {
            if (good) {
                assertThat(allowed(ISSUER.token().notBefore(fromNow)).subject()).isEqualTo("alice");
            } else {
                assertRefused(ISSUER.token().notBefore(fromNow), DenyReason.TOKEN_NOT_YET_VALID);
            }
        }

        @Test
        void bearTheProvidersOwnSkew() {
            JwtProvider strict = provider(Set.of("exp"), Duration.ZERO);

            assertRefused(ISSUER.token().expiresIn(Duration.ZERO), DenyReason.TOKEN_EXPIRED, strict);
            assertThat(allowed(ISSUER.token().expiresIn(Duration.ofSeconds(1)), strict)
                            .subject())
                    .isEqualTo("alice");
        }

        @ParameterizedTest
        @CsvSource({
            "exp,1e300,",
            "exp,-1e300,TOKEN_EXPIRED",
            "nbf,1e300,TOKEN_NOT_YET_VALID",
            "nbf,18446744073709551616,TOKEN_NOT_YET_VALID",
            "exp,-18446744073709551616,TOKEN_EXPIRED",
            "exp,1764000000.99,TOKEN_EXPIRED",
            "nbf,1e400,TOKEN_MALFORMED",
            "exp,1e999999999,TOKEN_MALFORMED",
            "exp,true,CLAIM_INVALID",
            "exp,null,CLAIM_INVALID",
            "exp,\"1890000000\",CLAIM_INVALID",
            "nbf,[1],CLAIM_INVALID",
            "iat,\"soon\",CLAIM_INVALID"
        })
        void areExactNumbersOfAnySize(String claim, String json, DenyReason reason) {
            String claims = "{\"iss\":\"https://issuer.test\"," + (claim.equals("exp") ? "" : "\"exp\":1890000000,")
                    + "\"" + claim + "\":" + json + "}";
            TokenBuilder token = ISSUER.token().claimsText(claims);

            if (reason == null) {
                assertThat(allowed(token).issuer()).isEqualTo("https://issuer.test");
            } else {
                assertRefused(token, reason);
            }
        }

        @Test
        void needExpWhereNothingElseIsSaid() {
            assertRefused(ISSUER.token().withoutClaim("exp"), DenyReason.CLAIM_MISSING);
            assertThat(allowed(ISSUER.token().withoutClaim("exp"), provider(Set.of(), Duration.ZERO))
                            .subject())
                    .isEqualTo("alice");
        }

        @Test
        void countEvenWhereExpIsNotRequired() {
            JwtProvider provider = provider(Set.of(), Duration.ofSeconds(60));

            assertRefused(ISSUER.token().expiresIn(Duration.ofHours(-1)), DenyReason.TOKEN_EXPIRED, provider);
        }
    }

    @Nested
    class Claims {
        @ParameterizedTest
        @ValueSource(strings = {"llm-gateway-admin", "llm-gatew", "", "*", "llm-gateway billing"})
        void needOneAudienceAsAWholeString(String audience) {
            TokenBuilder token = ISSUER.token().claim("aud", audience);

            assertRefused(token, DenyReason.AUDIENCE_MISMATCH, ISSUER.provider("llm-gateway"));
        }

        @Test
        void takeOneAudienceOfAList() {
            TokenBuilder token = ISSUER.token().claim("aud", List.of("mail", "llm-gateway"));

            assertThat(allowed(token, ISSUER.provider("llm-gateway", "other")).subject())
                    .isEqualTo("alice");
        }

        @Test
        void needAnAudienceWhereTheProviderHasSome() {
            assertRefused(ISSUER.token(), DenyReason.AUDIENCE_MISMATCH, ISSUER.provider("a"));
            assertRefused(ISSUER.token().claim("aud", List.of()), DenyReason.AUDIENCE_MISMATCH, ISSUER.provider("a"));
        }

        @Test
        void areNotCoerced() {
            assertRefused(ISSUER.token().claim("sub", 1), DenyReason.CLAIM_INVALID);
            assertRefused(ISSUER.token().claim("sub", null), DenyReason.CLAIM_INVALID);
            assertRefused(ISSUER.token().claim("jti", true), DenyReason.CLAIM_INVALID);
            assertRefused(ISSUER.token().claim("aud", 1), DenyReason.CLAIM_INVALID);
            assertRefused(ISSUER.token().claim("aud", List.of(List.of("a"))), DenyReason.CLAIM_INVALID);
        }

        @Test
        void haveNamesThatAreWhole() {
            TokenBuilder dotted = ISSUER.token().claim("https://example.com/a.b", "yes");
            TokenBuilder nested = ISSUER.token().claim("a", Map.of("b", "yes"));

            assertThat(allowed(dotted, provider(Set.of("https://example.com/a.b"), Duration.ZERO))
                            .claims())
                    .containsEntry("https://example.com/a.b", "yes");
            assertRefused(nested, DenyReason.CLAIM_MISSING, provider(Set.of("a.b"), Duration.ZERO));
            assertRefused(nested, DenyReason.CLAIM_MISSING, provider(Set.of("a/b"), Duration.ZERO));
            assertRefused(
                    ISSUER.token().claim("tenant", null),
                    DenyReason.CLAIM_MISSING,
                    provider(Set.of("tenant"), Duration.ZERO));
        }

        @Test
        void mustBeThereWhereRequired() {
            JwtProvider provider = provider(Set.of("exp", "nbf", "tenant"), Duration.ZERO);
            TokenBuilder token = ISSUER.token().notBefore(Duration.ZERO);

            assertRefused(token, DenyReason.CLAIM_MISSING, provider);
            assertThat(allowed(token.claim("tenant", "acme"), provider).subject())
                    .isEqualTo("alice");
        }
    }

    /** RFC 8725 section 3.11, RFC 9068 section 4. */
    @Nested
    class Types {
        private final JwtProvider accessTokensOnly = ISSUER.provider().withTokenType("at+jwt");

        @ParameterizedTest
        @ValueSource(strings = {"at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"})
        void areComparedAsMediaTypes(String type) {
            assertThat(allowed(ISSUER.token().header("typ", type), accessTokensOnly)
                            .subject())
                    .isEqualTo("alice");
            assertThat(allowed(
                                    ISSUER.token().header("typ", type),
                                    ISSUER.provider().withTokenType("application/at+jwt"))
                            .subject())
                    .isEqualTo("alice");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"JWT", "", "at+jwt ", "at", "text/at+jwt", "application/application/at+jwt", "logout+jwt"})
        void refuseAnother(String type) {
            assertRefused(ISSUER.token().header("typ", type), DenyReason.TOKEN_TYPE_MISMATCH, accessTokensOnly);
        }

        @Test
        void areNeededWhereTheProviderHasOne() {
            assertRefused(ISSUER.token(), DenyReason.TOKEN_TYPE_MISMATCH, accessTokensOnly);
            assertRefused(ISSUER.token().claim("typ", "at+jwt"), DenyReason.TOKEN_TYPE_MISMATCH, accessTokensOnly);
        }

        @Test
        void areNotLookedAtOtherwise() {
            assertThat(allowed(ISSUER.token().header("typ", "logout+jwt")).subject())
                    .isEqualTo("alice");
            assertRefused(ISSUER.token().header("typ", 1), DenyReason.TOKEN_MALFORMED);
            assertRefused(ISSUER.token().header("typ", null), DenyReason.TOKEN_MALFORMED);
        }

        @Test
        void tellNothingToWhoHasNoKey() {
            assertRefused(
                    ISSUER.token().header("typ", "JWT").signedBy(STRANGER),
                    DenyReason.SIGNATURE_INVALID,
                    accessTokensOnly);
        }
    }

    /** RFC 7515 sections 2, 4 and 7.1; RFC 7519 section 7.2. */
    @Nested
    class Form {
        private final String good = ISSUER.token().compact();

        @Test
        void isThreeSegments() {
            assertRefused("", DenyReason.TOKEN_MALFORMED);
            assertRefused("not-a-token", DenyReason.TOKEN_MALFORMED);
            assertRefused("..", DenyReason.TOKEN_MALFORMED);
            assertRefused(good + ".", DenyReason.TOKEN_MALFORMED);
            assertRefused("." + good, DenyReason.TOKEN_MALFORMED);
            assertRefused(good + ".AAAA.AAAA", DenyReason.TOKEN_MALFORMED);
            assertRefused(good.substring(0, good.lastIndexOf('.')), DenyReason.TOKEN_MALFORMED);
        }

        @Test
        void isCanonicalBase64Url() {
            for (String bad : List.of(good + "=", good + "==", good + "!", " " + good)) {
                assertRefused(bad, DenyReason.TOKEN_MALFORMED);
            }
        }

        @Test
        void hasNoBitsLeftOver() {
            char last = good.charAt(good.length() - 1);
            String stray = good.substring(0, good.length() - 1) + (char) (last + 1);

            assertRefused(stray, DenyReason.TOKEN_MALFORMED);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "[]",
                    "null",
                    "42",
                    "",
                    "{",
                    "{}{}",
                    "{} x",
                    "{\"a\":1,}",
                    "{'a':1}",
                    "{\"a\":/**/1}",
                    "{\"a\":NaN}",
                    "{\"a\":\"\\ud800\"}",
                    "{\"a\":1,\"\\u0061\":1}",
                    "{\"a\":{\"b\":1,\"b\":1}}",
                    "\"x\""
                })
        void isOneUnambiguousJsonObject(String json) {
            assertRefused(ISSUER.token().claimsText(json), DenyReason.TOKEN_MALFORMED);
            assertRefused(ISSUER.token().headerText(json), DenyReason.TOKEN_MALFORMED);
        }

        @Test
        void isBoundedInLengthDepthAndDigits() {
            assertRefused(ISSUER.token().claim("pad", "x".repeat(16 * 1024)), DenyReason.TOKEN_MALFORMED);
            assertRefused(
                    ISSUER.token().claimsText("{\"a\":" + "[".repeat(5000) + "]".repeat(5000) + "}"),
                    DenyReason.TOKEN_MALFORMED);
            assertRefused(ISSUER.token().claimsText("{\"exp\":" + "9".repeat(5000) + "}"), DenyReason.TOKEN_MALFORMED);
            assertThat(allowed(ISSUER.token().claim("pad", "x".repeat(8 * 1024)))
                            .subject())
                    .isEqualTo("alice");
        }

        @Test
        void isBoundedWhereTheEngineSays() {
            String token = ISSUER.token().compact();
            PolicyEngine.Builder builder = PolicyEngine.builder()
                    .policies(List.of(
                            TrafficPolicy.of("p", JwtAuthentication.of(JwtMode.STRICT, ISSUER.provider()), null)))
                    .clock(CLOCK);

            assertThat(builder.maxTokenLength(token.length()).build().decide(request(token)))
                    .isInstanceOf(Decision.Allow.class);
            assertThat(builder.maxTokenLength(token.length() - 1).build().decide(request(token)))
                    .isInstanceOfSatisfying(
                            Decision.Deny.class,
                            deny -> assertThat(deny.reason()).isEqualTo(DenyReason.TOKEN_MALFORMED));
            assertThatThrownBy(() -> builder.maxTokenLength(0)).hasMessageContaining("maxTokenLength");
        }

        @ParameterizedTest
        @ValueSource(strings = {"crit", "b64", "zip"})
        void hasNoExtensions(String parameter) {
            assertRefused(ISSUER.token().header(parameter, true), DenyReason.TOKEN_MALFORMED);
        }

        /** RFC 8725 section 3.10. */
        @ParameterizedTest
        @ValueSource(strings = {"jwk", "jku", "x5u", "x5c"})
        void bringsNoKeyOfItsOwn(String parameter) {
            TokenBuilder forged = ISSUER.token().signedBy(STRANGER).header(parameter, STRANGER.jwk());

            assertRefused(forged, DenyReason.SIGNATURE_INVALID);
        }

        @Test
        void isCoveredByTheSignature() {
            String[] parts = good.split("\\.", -1);
            String[] other = ISSUER.token().subject("root").compact().split("\\.", -1);

            assertRefused(parts[0] + "." + other[1] + "." + parts[2], DenyReason.SIGNATURE_INVALID);
            assertRefused(parts[0] + "." + parts[1] + ".", DenyReason.SIGNATURE_INVALID);
            assertRefused(parts[0] + "." + parts[1] + "." + parts[2] + "AAAA", DenyReason.SIGNATURE_INVALID);
        }
    }

    @Test
    void saysNothingOfTheTokenInItsExplanation() {
        TokenBuilder token = ISSUER.token().header("kid", "secret-kid").claim("iss", ISSUER.issuer());

        assertThat(decide(token.compact(), JwtMode.STRICT, ISSUER.provider())
                        .explanation()
                        .summary())
                .isEqualTo("no key of the issuer has the token's `kid`");
    }

    private static JwtProvider provider(String jwks) {
        return JwtProvider.of(ISSUER.issuer(), new JwksSource.Inline(jwks));
    }

    private static JwtProvider provider(Set<String> requiredClaims, Duration clockSkew) {
        return new JwtProvider(
                ISSUER.issuer(),
                List.of(),
                new JwksSource.Inline(ISSUER.jwks()),
                requiredClaims,
                clockSkew,
                Origin.CODE);
    }

    private static VerifiedToken allowed(TokenBuilder token, JwtProvider... providers) {
        Decision decision = decide(token.compact(), JwtMode.STRICT, orDefault(providers));
        assertThat(decision).as("%s", decision.explanation()).isInstanceOf(Decision.Allow.class);
        return Objects.requireNonNull(((Decision.Allow) decision).token());
    }

    private static void assertRefused(TokenBuilder token, DenyReason reason, JwtProvider... providers) {
        assertRefused(token.compact(), reason, orDefault(providers));
    }

    /**
     * Refused by Strict and Optional for that reason; Permissive lets it pass without claims and with the credential.
     */
    private static void assertRefused(String token, DenyReason reason, JwtProvider... providers) {
        for (JwtMode mode : List.of(JwtMode.STRICT, JwtMode.OPTIONAL)) {
            assertThat(decide(token, mode, orDefault(providers)))
                    .isInstanceOfSatisfying(
                            Decision.Deny.class,
                            deny -> assertThat(deny.reason())
                                    .as("%s", deny.explanation())
                                    .isEqualTo(reason));
        }
        assertThat(decide(token, JwtMode.PERMISSIVE, orDefault(providers)))
                .isInstanceOfSatisfying(Decision.Allow.class, allow -> {
                    assertThat(allow.token()).isNull();
                    assertThat(allow.credentials()).isEmpty();
                });
    }

    private static JwtProvider[] orDefault(JwtProvider... providers) {
        return providers.length == 0 ? new JwtProvider[] {ISSUER.provider()} : providers;
    }

    private static Decision decide(String token, JwtMode mode, JwtProvider... providers) {
        JwtAuthentication authentication = JwtAuthentication.of(mode, providers);
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", authentication, null)))
                .clock(CLOCK)
                .build()
                .decide(request(token));
    }

    private static PolicyRequest request(String token) {
        return PolicyRequest.builder("POST", "http://localhost/v1/chat/completions")
                .header("Authorization", "Bearer " + token)
                .build();
    }
}
