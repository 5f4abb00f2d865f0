package io.gatepost.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.request.RequestBuilder;
import io.gatepost.tools.token.TokenIssuer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a credential is found, when it is refused as ambiguous, and that it does not travel on. */
class CredentialTest {
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://issuer.test");
    private static final String TOKEN = ISSUER.token().compact();
    private static final String OTHER = ISSUER.token().subject("bob").compact();

    @Nested
    class InTheAuthorizationHeader {
        private final PolicyEngine strict = engine(JwtMode.STRICT, TokenLocation.BEARER);
        private final PolicyEngine optional = engine(JwtMode.OPTIONAL, TokenLocation.BEARER);

        @ParameterizedTest
        @ValueSource(strings = {"Bearer ", "bearer ", "BEARER "})
        void isFoundBehindTheSchemeInAnyCase(String prefix) {
            Decision.Allow allow = allowed(strict, get("/").header("authorization", prefix + TOKEN));

            assertThat(forwarded(allow, "Authorization", prefix + TOKEN)).isEmpty();
            assertThat(forwarded(allow, "X-Other", "a", "b")).containsExactly("a", "b");
            assertThat(forwardedQuery(allow, "a=1")).isEqualTo("a=1");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "Basic dTpw",
                    "DPoP <t>",
                    "Bearers <t>",
                    "Bearer<t>",
                    "Bearer\t<t>",
                    "",
                    "Digest a=\"b\", c=\"d\""
                })
        void isAbsentBehindAnotherScheme(String value) {
            RequestBuilder request = get("/").header("Authorization", value.replace("<t>", TOKEN));

            assertRefused(strict, request, DenyReason.TOKEN_MISSING);
            assertThat(allowed(optional, request).token()).isNull();
        }

        @ParameterizedTest
        @ValueSource(strings = {"Bearer", "Bearer ", "bearer", "Bearer  <t>", "Bearer <t> x", "Bearer \"<t>\""})
        void isMalformedRatherThanAbsent(String value) {
            RequestBuilder request = get("/").header("Authorization", value.replace("<t>", TOKEN));

            assertRefused(strict, request, DenyReason.TOKEN_MALFORMED);
            assertRefused(optional, request, DenyReason.TOKEN_MALFORMED);
        }

        @ParameterizedTest
        @CsvSource({
            "Bearer <t>,Bearer <o>",
            "Bearer <t>,Bearer <t>",
            "Basic dTpw,Bearer <t>",
            "Bearer <t>,Basic dTpw",
            "Basic a,Basic b"
        })
        void isAmbiguousInTwoHeaders(String first, String second) {
            RequestBuilder request = get("/").header("Authorization", first.replace("<t>", TOKEN))
                    .header("authorization", second.replace("<t>", TOKEN).replace("<o>", OTHER));

            for (JwtMode mode : JwtMode.values()) {
                assertRefused(engine(mode, TokenLocation.BEARER), request, DenyReason.CREDENTIAL_AMBIGUOUS);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"Bearer <t>, Bearer <o>", "Basic dTpw, Bearer <t>", "Basic dTpw,bearer <t>"})
        void isAmbiguousInAHeaderThatAProxyJoined(String value) {
            RequestBuilder request =
                    get("/").header("Authorization", value.replace("<t>", TOKEN).replace("<o>", OTHER));

            assertRefused(optional, request, DenyReason.CREDENTIAL_AMBIGUOUS);
        }

        @Test
        void isNotLookedForElsewhere() {
            RequestBuilder request = get("/?access_token=" + TOKEN)
                    .header("Proxy-Authorization", "Bearer " + TOKEN)
                    .header("Cookie", "access_token=" + TOKEN);

            assertRefused(strict, request, DenyReason.TOKEN_MISSING);
        }
    }

    @Nested
    class InAnotherHeader {
        private final PolicyEngine plain = engine(JwtMode.STRICT, new TokenLocation.Header("X-Jwt", null));

        @Test
        void isTheWholeValue() {
            Decision.Allow allow = allowed(plain, get("/").header("x-jwt", TOKEN));

            assertThat(forwarded(allow, "X-JWT", TOKEN)).isEmpty();
            assertThat(forwarded(allow, "Authorization", "Basic a")).containsExactly("Basic a");
            assertRefused(plain, get("/").header("x-jwt", "Bearer " + TOKEN), DenyReason.TOKEN_MALFORMED);
        }

        @Test
        void isAmbiguousTwice() {
            assertRefused(
                    plain, get("/").header("X-Jwt", TOKEN).header("X-Jwt", TOKEN), DenyReason.CREDENTIAL_AMBIGUOUS);
            assertRefused(plain, get("/").header("X-Jwt", TOKEN + "," + OTHER), DenyReason.CREDENTIAL_AMBIGUOUS);
        }

        @Test
        void mayHaveAPrefixOfItsOwn() {
            PolicyEngine engine = engine(JwtMode.STRICT, new TokenLocation.Header("X-Jwt", "Token:"));

            assertThat(allowed(engine, get("/").header("X-Jwt", "token:" + TOKEN))
                            .token())
                    .isNotNull();
            assertRefused(engine, get("/").header("X-Jwt", TOKEN), DenyReason.TOKEN_MISSING);
        }
    }

    @Nested
    class InTheQuery {
        private final PolicyEngine strict = engine(JwtMode.STRICT, new TokenLocation.QueryParameter("access_token"));

        @ParameterizedTest
        @CsvSource(
                nullValues = "-",
                value = {
                    "access_token=<t>,-",
                    "access_token=<t>&a=1,a=1",
                    "a=1&access_token=<t>&b=%2f+x&&c,a=1&b=%2f+x&&c",
                    "%61ccess%5Ftoken=<t>&Access_token=x,Access_token=x"
                })
        void isFoundByItsDecodedNameAndTakenOut(String query, String left) {
            String sent = query.replace("<t>", TOKEN.replace(".", "%2E"));

            assertThat(forwardedQuery(allowed(strict, get("/?" + sent)), sent)).isEqualTo(left);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "access_token=<t>&access_token=<t>",
                    "access_token=<t>&%61ccess_token=x",
                    "access_token&access_token=<t>"
                })
        void isAmbiguousTwice(String query) {
            assertRefused(strict, get("/?" + query.replace("<t>", TOKEN)), DenyReason.CREDENTIAL_AMBIGUOUS);
        }

        @ParameterizedTest
        @ValueSource(strings = {"Access_token=<t>", "a=access_token=<t>", "", "access_token%=<t>"})
        void isAbsentUnderAnotherName(String query) {
            assertRefused(strict, get("/?" + query.replace("<t>", TOKEN)), DenyReason.TOKEN_MISSING);
        }

        @Test
        void isNotReadFromTheHeader() {
            assertRefused(strict, get("/").header("Authorization", "Bearer " + TOKEN), DenyReason.TOKEN_MISSING);
        }

        @Test
        void isMalformedWhereEmpty() {
            assertRefused(strict, get("/?access_token="), DenyReason.TOKEN_MALFORMED);
            assertRefused(strict, get("/?access_token"), DenyReason.TOKEN_MALFORMED);
        }
    }

    @Nested
    class InACookie {
        private final PolicyEngine strict = engine(JwtMode.STRICT, new TokenLocation.Cookie("jwt"));

        @Test
        void isFoundAmongOthersAndTakenOut() {
            String cookies = "a=1; jwt=" + TOKEN + ";b=\"2\"";
            Decision.Allow allow = allowed(strict, get("/").header("Cookie", cookies));

            assertThat(forwarded(allow, "cookie", cookies)).containsExactly("a=1; b=\"2\"");
            assertThat(forwarded(allow, "cookie", "c=3", cookies)).containsExactly("c=3; a=1; b=\"2\"");
        }

        @Test
        void leavesNoEmptyHeaderBehind() {
            Decision.Allow allow = allowed(strict, get("/").header("Cookie", "jwt=" + TOKEN));

            assertThat(forwarded(allow, "Cookie", "jwt=" + TOKEN)).isEmpty();
        }

        @Test
        void isAmbiguousTwice() {
            assertRefused(
                    strict,
                    get("/").header("Cookie", "jwt=" + TOKEN + "; jwt=" + OTHER),
                    DenyReason.CREDENTIAL_AMBIGUOUS);
            assertRefused(
                    strict,
                    get("/").header("Cookie", "jwt=" + TOKEN).header("Cookie", "jwt=x"),
                    DenyReason.CREDENTIAL_AMBIGUOUS);
        }

        @Test
        void isAbsentUnderAnotherName() {
            assertRefused(strict, get("/").header("Cookie", "JWT=" + TOKEN), DenyReason.TOKEN_MISSING);
            assertRefused(strict, get("/").header("Cookie", "jwt; x=jwt=" + TOKEN), DenyReason.TOKEN_MISSING);
        }
    }

    @Nested
    class ByAnExpression {
        @Test
        void isWhatItYieldsAndStaysInPlace() {
            PolicyEngine engine = engine("request.headers['x-jwt'].replace('jwt:', '')");
            Decision.Allow allow = allowed(engine, get("/").header("X-Jwt", "jwt:" + TOKEN));

            assertThat(allow.token()).isNotNull();
            assertThat(forwarded(allow, "X-Jwt", "jwt:" + TOKEN)).containsExactly("jwt:" + TOKEN);
            assertThat(engine.reads()).contains("request.headers");
        }

        @ParameterizedTest
        @ValueSource(strings = {"request.headers['x-jwt']", "1.5", "null", "[request.path]", "{'a': request.path}"})
        void isAbsentWhereItFailsOrYieldsNoText(String expression) {
            assertRefused(engine(expression), get("/"), DenyReason.TOKEN_MISSING);
        }

        @ParameterizedTest
        @ValueSource(strings = {"true", "42", "b'abc'", "'no token'"})
        void isMalformedWhereItYieldsAnotherText(String expression) {
            assertRefused(engine(expression), get("/"), DenyReason.TOKEN_MALFORMED);
        }

        private PolicyEngine engine(String expression) {
            TokenLocation location = new TokenLocation.Computed(new MatchExpression(expression, Origin.CODE));
            JwtAuthentication authentication =
                    new JwtAuthentication(JwtMode.STRICT, List.of(ISSUER.provider()), location, Origin.CODE);
            return PolicyEngine.builder()
                    .policies(List.of(TrafficPolicy.of("p", authentication, null)))
                    .expressions(new CelExpressionCompiler())
                    .build();
        }
    }

    @Test
    void leavesABadCredentialInPlaceWherePermissiveLetsItPass() {
        PolicyEngine permissive = engine(JwtMode.PERMISSIVE, TokenLocation.BEARER);
        Decision.Allow allow = allowed(permissive, get("/").header("Authorization", "Bearer nonsense"));

        assertThat(forwarded(allow, "Authorization", "Bearer nonsense")).containsExactly("Bearer nonsense");
    }

    private static List<String> forwarded(Decision.Allow allow, String name, String... values) {
        RequestBuilder request = get("/");
        List.of(values).forEach(value -> request.header(name, value));
        return allow.toForward(request.build()).headers(name);
    }

    private static @Nullable String forwardedQuery(Decision.Allow allow, String query) {
        return allow.toForward(get("/?" + query).build()).query();
    }

    private static RequestBuilder get(String uri) {
        return PolicyRequest.builder("GET", uri);
    }

    private static PolicyEngine engine(JwtMode mode, TokenLocation location) {
        JwtAuthentication authentication =
                new JwtAuthentication(mode, List.of(ISSUER.provider()), location, Origin.CODE);
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", authentication, null)))
                .build();
    }

    private static Decision.Allow allowed(PolicyEngine engine, RequestBuilder request) {
        Decision decision = engine.decide(request.build());
        assertThat(decision).as("%s", decision.explanation()).isInstanceOf(Decision.Allow.class);
        return (Decision.Allow) decision;
    }

    private static void assertRefused(PolicyEngine engine, RequestBuilder request, DenyReason reason) {
        assertThat(engine.decide(request.build()))
                .isInstanceOfSatisfying(
                        Decision.Deny.class,
                        deny -> assertThat(deny.reason())
                                .as("%s", deny.explanation())
                                .isEqualTo(reason));
    }
}
