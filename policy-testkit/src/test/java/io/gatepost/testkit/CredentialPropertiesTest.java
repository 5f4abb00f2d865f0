package io.gatepost.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.request.RequestBuilder;
import io.gatepost.tools.token.TokenIssuer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What holds wherever a credential stands and whatever stands around it. */
class CredentialPropertiesTest {
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://issuer.test");
    private static final String TOKEN = ISSUER.token().compact();
    private static final String NAME = "access_token";
    private static final PolicyEngine IN_HEADER = engine(TokenLocation.BEARER);
    private static final PolicyEngine IN_QUERY = engine(new TokenLocation.QueryParameter(NAME));
    private static final PolicyEngine IN_COOKIE = engine(new TokenLocation.Cookie(NAME));

    @Property(tries = 300)
    void oneCredentialInTheQueryIsFoundAndNothingElseChanges(
            @ForAll("pairs") List<String> others, @ForAll @IntRange(max = 8) int at) {
        PolicyRequest request = get("/?" + String.join("&", with(NAME + "=" + TOKEN, others, at)))
                .build();

        Decision.Allow allow = (Decision.Allow) IN_QUERY.decide(request);

        assertThat(allow.toForward(request).query()).isEqualTo(others.isEmpty() ? null : String.join("&", others));
    }

    @Property(tries = 300)
    void twoCredentialsInTheQueryAreRefusedWhateverIsBetween(
            @ForAll("pairs") List<String> others,
            @ForAll @IntRange(max = 8) int at,
            @ForAll("spellings") String spelling) {
        List<String> pairs = with(NAME + "=" + TOKEN, with(spelling + "=x", others, 0), at);

        assertAmbiguous(IN_QUERY, get("/?" + String.join("&", pairs)));
    }

    @Property(tries = 300)
    void oneCredentialAmongCookiesIsFoundAndNothingElseChanges(
            @ForAll("cookies") List<String> others, @ForAll @IntRange(max = 8) int at) {
        PolicyRequest request = get("/").header("Cookie", String.join("; ", with(NAME + "=" + TOKEN, others, at)))
                .build();

        Decision.Allow allow = (Decision.Allow) IN_COOKIE.decide(request);

        assertThat(allow.toForward(request).headers("cookie"))
                .isEqualTo(others.isEmpty() ? List.of() : List.of(String.join("; ", others)));
    }

    @Property(tries = 300)
    void twoCredentialsAmongCookiesAreRefusedInOneHeaderOrTwo(
            @ForAll("cookies") List<String> others, @ForAll @IntRange(max = 8) int at, @ForAll boolean joined) {
        String first = String.join("; ", with(NAME + "=" + TOKEN, others, at));
        RequestBuilder request = joined
                ? get("/").header("Cookie", first + ";" + NAME + "=x")
                : get("/").header("Cookie", first).header("cookie", NAME + "=x");

        assertAmbiguous(IN_COOKIE, request);
    }

    @Property(tries = 300)
    void oneChangedCharacterSpoilsAToken(@ForAll @IntRange(max = 10_000) int at, @ForAll char other) {
        int index = at % TOKEN.length();
        String changed = TOKEN.substring(0, index) + other + TOKEN.substring(index + 1);

        Decision decision = IN_HEADER.decide(
                get("/").header("Authorization", "Bearer " + changed).build());

        assertThat(decision instanceof Decision.Allow).isEqualTo(changed.equals(TOKEN));
    }

    @Provide
    Arbitrary<List<String>> pairs() {
        Arbitrary<String> text =
                Arbitraries.strings().withChars("abAB01%2+._-~[];@").ofMaxLength(6);
        return text.map(value -> "x" + value + "=" + value).list().ofMaxSize(8);
    }

    @Provide
    Arbitrary<List<String>> cookies() {
        Arbitrary<String> value =
                Arbitraries.strings().withChars("abAB01%=\"+._-").ofMaxLength(6);
        return value.map(text -> "x=" + text).list().ofMaxSize(8);
    }

    /** All ways to write the name that form decoding takes for it. */
    @Provide
    Arbitrary<String> spellings() {
        return Arbitraries.integers().between(0, (1 << NAME.length()) - 1).map(bits -> {
            StringBuilder spelling = new StringBuilder();
            for (int i = 0; i < NAME.length(); i++) {
                boolean encoded = (bits >> i & 1) == 1;
                spelling.append(encoded ? "%" + Integer.toHexString(NAME.charAt(i)) : NAME.substring(i, i + 1));
            }
            return spelling.toString();
        });
    }

    private static List<String> with(String one, List<String> others, int at) {
        List<String> all = new ArrayList<>(others);
        all.add(Math.min(at, all.size()), one);
        return Collections.unmodifiableList(all);
    }

    private static RequestBuilder get(String uri) {
        return PolicyRequest.builder("GET", uri);
    }

    private static PolicyEngine engine(TokenLocation location) {
        JwtAuthentication jwt =
                new JwtAuthentication(JwtMode.STRICT, List.of(ISSUER.provider()), location, Origin.CODE);
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", jwt, null)))
                .build();
    }

    private static void assertAmbiguous(PolicyEngine engine, RequestBuilder request) {
        assertThat(engine.decide(request.build()))
                .isInstanceOfSatisfying(
                        Decision.Deny.class,
                        deny -> assertThat(deny.reason()).isEqualTo(DenyReason.CREDENTIAL_AMBIGUOUS));
    }
}
