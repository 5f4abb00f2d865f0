package io.gatepost.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.Explanation;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.request.RequestBuilder;
import io.gatepost.tools.token.TokenBuilder;
import io.gatepost.tools.token.TokenIssuer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** {@code docs/authentication.md} says what is so. */
class AuthenticationPageTest {
    private static final Page PAGE = Page.read("authentication.md");
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://issuer.test");
    private static final TokenIssuer UNREAD = TokenIssuer.of("https://unread.test");
    private static final List<JwtMode> MODES = List.of(JwtMode.STRICT, JwtMode.OPTIONAL, JwtMode.PERMISSIVE);
    private static final Map<String, RequestBuilder> REQUESTS = requests();

    @Test
    void showsAPolicyThatLoads() {
        List<TrafficPolicy> policies = PolicyReader.parse("policy.yaml", PAGE.block("yaml"));

        try (KeySources keys = KeySources.builder()
                        .timeout(Duration.ofMillis(100))
                        .addresses(url -> new InetSocketAddress(InetAddress.getLoopbackAddress(), 1))
                        .build();
                PolicyEngine engine =
                        PolicyEngine.builder().policies(policies).keys(keys).build()) {
            assertThat(engine.warnings()).isEmpty();
            assertThat(jwt(policies).providers())
                    .extracting(JwtProvider::issuer)
                    .containsExactly("https://login.example.com", "https://ci.example.com", "batch");
        }
    }

    @Test
    void showsABuilderThatBuilds() {
        List<TrafficPolicy> policies =
                List.of(TrafficPolicy.of("p", JwtAuthentication.of(JwtMode.STRICT, ISSUER.provider()), null));
        try (KeySources keys = KeySources.create()) {
            PolicyEngine engine = PolicyEngine.builder()
                    .policies(policies)
                    .keys(keys)
                    .realm("llm")
                    .resourceMetadata(URI.create("https://llm.example.com/.well-known/oauth-protected-resource"))
                    .maxTokenLength(8 * 1024)
                    .cachedTokens(50_000)
                    .build();
            assertThat(engine.reads()).isEmpty();
        }
        String here = Page.source("AuthenticationPageTest.java").replaceAll("\\s+", " ");
        assertThat(here).contains(PAGE.block("java").strip().replaceAll("\\s+", " "));
    }

    @TestFactory
    Stream<DynamicTest> saysWhatIsToldOfAWrongValue() {
        return PAGE.rows("| field |")
                .map(row -> dynamicTest(row.get(0), () -> {
                    String field = Page.plain(row.get(0));
                    List<String> told = problems(document(field, Page.plain(row.get(3))));

                    assertThat(told)
                            .anySatisfy(problem ->
                                    assertThat(problem).startsWith("spec.traffic.jwtAuthentication." + row.get(4)));
                }));
    }

    @Test
    void saysTheDefaults() {
        JwtAuthentication jwt = jwt(PolicyReader.parse("p", document("mode", null)));
        JwtProvider provider = jwt.providers().get(0);

        assertThat(defaultOf("mode")).isEqualTo("`Strict`");
        assertThat(jwt.mode()).isEqualTo(JwtMode.STRICT);
        assertThat(jwt.location()).isEqualTo(TokenLocation.BEARER);
        assertThat(defaultOf("providers[0].requiredClaims")).isEqualTo("`[exp]`");
        assertThat(provider.requiredClaims()).containsExactly("exp");
        assertThat(defaultOf("providers[0].clockSkew")).isEqualTo("`60s`");
        assertThat(provider.clockSkew()).isEqualTo(Duration.ofSeconds(60));
        assertThat(provider.audiences()).isEmpty();
        assertThat(provider.tokenType()).isNull();
        assertThat(defaultOf("providers[0].jwks.remote.cacheDuration")).isEqualTo("`5m`");
        assertThat(JwksSource.DEFAULT_CACHE_DURATION).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void saysWhatAProvidersFieldsMean() {
        JwtProvider provider = jwt(PolicyReader.parse("p", document("providers[0]", """
                        {"issuer": "i", "audiences": ["a", "b"], "clockSkew": "1m30s", "tokenType": "at+jwt",
                         "requiredClaims": ["https://example.com/a.b", "exp"], "jwks": {"inline": "{}"}}""")))
                .providers()
                .get(0);

        assertThat(provider.audiences()).containsExactly("a", "b");
        assertThat(provider.clockSkew()).isEqualTo(Duration.ofSeconds(90));
        assertThat(provider.tokenType()).isEqualTo("at+jwt");
        assertThat(provider.requiredClaims()).containsExactlyInAnyOrder("https://example.com/a.b", "exp");
    }

    @TestFactory
    Stream<DynamicTest> saysWhatBecomesOfEachTokenInEachMode() {
        List<List<String>> rows = PAGE.rows("| token |").toList();
        assertThat(rows).extracting(row -> row.get(0)).containsExactlyElementsOf(REQUESTS.keySet());
        return rows.stream()
                .flatMap(row -> MODES.stream()
                        .map(mode -> dynamicTest(
                                row.get(0) + ", " + mode,
                                () -> assertThat(outcome(row.get(0), mode))
                                        .isEqualTo(row.get(MODES.indexOf(mode) + 1)))));
    }

    @Test
    void saysEveryWayToRefuse() {
        List<List<String>> rows = PAGE.rows("| reason |").toList();
        PolicyRequest grpc = PolicyRequest.builder("POST", "/")
                .header("content-type", "application/grpc")
                .build();

        assertThat(rows)
                .extracting(row -> Page.plain(row.get(0)))
                .containsExactlyElementsOf(
                        Stream.of(DenyReason.values()).map(DenyReason::name).toList());
        for (List<String> row : rows) {
            DenyReason reason = DenyReason.valueOf(Page.plain(row.get(0)));
            ErrorResponse answer = new Decision.Deny(reason, null, new Explanation("", List.of())).response(grpc);
            String code = reason.errorCode() == null ? "" : "`" + reason.errorCode() + "`";
            assertThat(row.subList(1, 4))
                    .containsExactly(
                            String.valueOf(reason.status()),
                            code,
                            answer.headers().get("grpc-status"));
        }
    }

    /** In the order of the page. */
    private static Map<String, RequestBuilder> requests() {
        Map<String, RequestBuilder> requests = new LinkedHashMap<>();
        requests.put("none", request());
        requests.put("of another scheme", request().header("Authorization", "Basic dTpw"));
        requests.put("valid", bearing(token()));
        requests.put("not a JWT", request().header("Authorization", "Bearer 0123456789abcdef"));
        requests.put("expired", bearing(token().expiresIn(Duration.ofMinutes(-2))));
        requests.put("not yet valid", bearing(token().notBefore(Duration.ofMinutes(5))));
        requests.put("of another issuer", bearing(token().claim("iss", "https://elsewhere.test")));
        requests.put("for another audience", bearing(token().claim("aud", "mail")));
        requests.put("of another type", bearing(token().header("typ", "logout+jwt")));
        requests.put("without a required claim", bearing(token().withoutClaim("exp")));
        requests.put("with a number as subject", bearing(token().claim("sub", 1)));
        requests.put("signed by another", bearing(token().signedBy(ISSUER.withNewKey("other"))));
        requests.put("of an unknown key", bearing(token().header("kid", "other")));
        requests.put("with `alg` none", bearing(token().header("alg", "none")));
        requests.put("of an issuer whose keys were never read", bearing(UNREAD.token()));
        requests.put("two", bearing(token()).header("Authorization", "Bearer " + token().compact()));
        return requests;
    }

    private static TokenBuilder token() {
        return ISSUER.token().claim("aud", "llm").header("typ", "at+jwt");
    }

    private static RequestBuilder request() {
        return PolicyRequest.builder("GET", "/");
    }

    private static RequestBuilder bearing(TokenBuilder token) {
        return request().header("Authorization", "Bearer " + token.compact());
    }

    private static String outcome(String row, JwtMode mode) {
        JwtProvider unread = JwtProvider.of(
                UNREAD.issuer(),
                new JwksSource.RemoteUrl(URI.create("http://127.0.0.1:1/keys"), Duration.ofHours(1), Origin.CODE));
        JwtAuthentication jwt =
                JwtAuthentication.of(mode, ISSUER.provider("llm").withTokenType("at+jwt"), unread);
        PolicyRequest request = Objects.requireNonNull(REQUESTS.get(row)).build();
        try (KeySources keys = KeySources.create();
                PolicyEngine engine = PolicyEngine.builder()
                        .policies(List.of(TrafficPolicy.of("p", jwt, null)))
                        .keys(keys)
                        .build()) {
            Decision decision = engine.decide(request);
            if (decision instanceof Decision.Deny deny) {
                return deny.response().status() + " `" + deny.reason() + "`";
            }
            Decision.Allow allow = (Decision.Allow) decision;
            boolean stripped = allow.toForward(request).headers("authorization").isEmpty();
            assertThat(stripped).isEqualTo(allow.token() != null || row.equals("none"));
            return allow.token() == null ? "goes on" : "claims";
        }
    }

    private static String defaultOf(String field) {
        return PAGE.rows("| field |")
                .filter(row -> row.get(0).equals("`" + field + "`"))
                .findFirst()
                .orElseThrow()
                .get(2);
    }

    private static JwtAuthentication jwt(List<TrafficPolicy> policies) {
        return Objects.requireNonNull(policies.get(0).jwtAuthentication());
    }

    private static List<String> problems(String document) {
        try {
            PolicyReader.parse("p", document);
            return List.of();
        } catch (InvalidPolicyException e) {
            return e.diagnostics().stream()
                    .map(AuthenticationPageTest::withoutPosition)
                    .toList();
        }
    }

    private static String withoutPosition(Diagnostic diagnostic) {
        return diagnostic.origin().path() + ": " + diagnostic.message();
    }

    /** A policy with one field of {@code jwtAuthentication} set to a JSON value; null: with what is required only. */
    private static String document(String field, @Nullable String value) {
        Map<String, String> jwt = new LinkedHashMap<>();
        jwt.put("providers", "[{\"issuer\":\"i\",\"jwks\":{\"inline\":\"{}\"}}]");
        if (value != null) {
            List<String> names = new ArrayList<>(List.of(field.split("\\.")));
            String first = names.remove(0);
            String nested = nested(names, value);
            if (first.equals("providers[0]")) {
                jwt.put("providers", "[" + provider(names, nested) + "]");
            } else {
                jwt.put(first, nested);
            }
        }
        List<String> members = new ArrayList<>();
        jwt.forEach((name, json) -> members.add("\"" + name + "\":" + json));
        return """
            {"apiVersion": "gateway.networking.k8s.io/v1alpha2", "kind": "TrafficPolicy", "metadata": {"name": "p"},
             "spec": {"targetRefs": [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "g"}],
                      "traffic": {"jwtAuthentication": {%s}}}}""".formatted(String.join(",", members));
    }

    private static String provider(List<String> names, String nested) {
        if (names.isEmpty()) {
            return nested;
        }
        String members = nested.substring(1, nested.length() - 1);
        String issuer = names.get(0).equals("issuer") ? "" : "\"issuer\":\"https://i.test\",";
        String keys = Set.of("jwks", "discovery").contains(names.get(0)) ? "" : "\"jwks\":{\"inline\":\"{}\"},";
        return "{" + issuer + keys + members + "}";
    }

    private static String nested(List<String> names, String value) {
        String json = value;
        for (int i = names.size() - 1; i >= 0; i--) {
            boolean besideUrl = Set.of("jwksPath", "cacheDuration").contains(names.get(i));
            json = "{" + (besideUrl ? "\"url\":\"https://h/k\"," : "") + "\"" + names.get(i) + "\":" + json + "}";
        }
        return json;
    }
}
