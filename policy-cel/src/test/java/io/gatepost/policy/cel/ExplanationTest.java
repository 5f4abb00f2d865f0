package io.gatepost.policy.cel;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.Decision;
import io.gatepost.policy.Explanation;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RuleOutcome;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.expression.CompiledExpression;
import io.gatepost.policy.expression.EvaluationException;
import io.gatepost.policy.expression.ExpressionCompiler;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.model.TrafficPolicy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an explanation tells of the parts of an expression, and what it never does. */
class ExplanationTest {
    private static final String TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSIsImEiOjF9.c2lnbmF0dXJlLW9mLXRoaXM";
    private static final VerifiedToken BOB = new VerifiedToken(
            "i",
            null,
            Map.of(
                    "sub",
                    "bob",
                    "email",
                    "bob@example.com",
                    "groups",
                    List.of("a", "b"),
                    "org",
                    Map.of("name", "acme", "id", 7L),
                    "beta",
                    true,
                    "copy",
                    TOKEN,
                    "note",
                    "line\nbreak " + "x".repeat(1_000)));
    private static final PolicyRequest REQUEST = PolicyRequest.builder(
                    "POST", "http://llm.test/v1/chat?access_token=secret1")
            .header("X-Team", "core")
            .header("Cookie", "session=secret2")
            .header("X-Forwarded-Auth", TOKEN)
            .body("{\"model\":\"m\",\"max_tokens\":5,\"messages\":[\"secret3\"]}".getBytes(StandardCharsets.UTF_8))
            .build();

    @Test
    void namesWhoseTokenARuleRefused() {
        Decision decision = decide(engine("jwt.sub == 'alice'", Explanation.REDACTED));

        assertThat(decision).isInstanceOf(Decision.Deny.class);
        assertThat(decision.token()).isSameAs(BOB);
        assertThat(decision.explanation().provider()).isEqualTo("i");
        assertThat(decision.toString()).doesNotContain("bob@example.com");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            quoteCharacter = '~',
            value = {
                "jwt.sub == 'alice'#`jwt.sub` was \"bob\"",
                "jwt.sub == 'bob' && request.method == 'GET'#`jwt.sub` was \"bob\"; `jwt.sub == \"bob\"` was true; "
                        + "`request.method` was \"POST\"; `request.method == \"GET\"` was false",
                "jwt.sub == 'x' || jwt.sub == 'y'#`jwt.sub` was \"bob\"; `jwt.sub == \"x\"` was false; "
                        + "`jwt.sub == \"y\"` was false",
                "jwt.groups.exists(g, g == 'x')#`jwt.groups` was [\"a\", \"b\"]",
                "jwt.groups.filter(g, g == 'b').size() == 2#`jwt.groups` was [\"a\", \"b\"]; "
                        + "`jwt.groups.filter(g, g == \"b\")` was [\"b\"]; "
                        + "`jwt.groups.filter(g, g == \"b\").size()` was 1",
                "jwt.org.id == 8 || has(jwt.org.x)#`jwt.org.id` was 7; `jwt.org.id == 8` was false; "
                        + "`has(jwt.org.x)` was false",
                "jwt['org']['name'] == 'x'#`jwt[\"org\"][\"name\"]` was \"acme\"",
                "jwt.org == {}#`jwt.org` was {\"id\": 7, \"name\": \"acme\"}",
                "request.headers['x-team'] == 'x'#`request.headers[\"x-team\"]` was \"core\"",
                "llm.params.max_tokens > 10#`llm.params.max_tokens` was 5",
                "jwt.sub == 'bob' && jwt.absent == 1#`jwt.sub` was \"bob\"; `jwt.sub == \"bob\"` was true",
                "!jwt.beta#`jwt.beta` was true"
            })
    void tellsWhatThePartsCameTo(String expression, String parts) {
        assertThat(String.join("; ", parts(expression))).isEqualTo(parts);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jwt.email == 'x'",
                "jwt['email'] == 'x'",
                "jwt.?email.orValue('') == 'x'",
                "jwt.email + 'y' == 'x'",
                "[jwt].map(j, j.email) == []",
                "jwt == {}",
                "jwt[request.headers['x-team']] == 'x'",
                "jwt.copy == 'x'",
                "request.headers.cookie == 'x'",
                "request.headers['COOKIE'] == 'x'",
                "request.headers == {}",
                "request.headers['x-forwarded-auth'] == 'x'",
                "request.uri == 'x'",
                "request.pathAndQuery.size() == 1",
                "string(request.body) == 'x'",
                "llm.params == {}",
                "llm.params.messages == []",
                "llm.params.messages[0] == 'x'"
            })
    void showsNoCredentialAndNothingPersonal(String expression) {
        assertThat(String.join("; ", parts(expression))).doesNotContain("secret", "eyJ", "bob@");
    }

    @Test
    void tellsThatSomethingIsRedacted() {
        assertThat(parts("jwt.email.endsWith('@example.org')")).containsExactly("`jwt.email` was <redacted>");
        assertThat(parts("jwt.email == 'x' || jwt.sub == 'x'"))
                .contains("`jwt.email == \"x\"` was false", "`jwt.sub` was \"bob\"");
    }

    @Test
    void redactsWhatTheUserListsInstead() {
        PolicyEngine engine =
                engine("jwt.sub == 'x' || jwt.email == 'x' || jwt.org.id == 1", Set.of("JWT.sub", "jwt.org"));

        assertThat(parts(engine))
                .contains(
                        "`jwt.sub` was <redacted>",
                        "`jwt.email` was \"bob@example.com\"",
                        "`jwt.org.id` was <redacted>");
        assertThat(parts(engine("request.headers.cookie == 'x'", Set.of())))
                .containsExactly("`request.headers.cookie` was <redacted>");
    }

    @Test
    void redactsWhereverTheTokenStands() {
        JwtAuthentication jwt = new JwtAuthentication(
                JwtMode.PERMISSIVE,
                List.of(JwtProvider.of("i", new JwksSource.Inline(KEYS))),
                new TokenLocation.Header("X-Token", null),
                Origin.CODE);
        PolicyEngine engine = PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of(
                        "p", jwt, Authorization.of(AuthorizationAction.ALLOW, "request.headers['x-token'] == 'x'"))))
                .expressions(new CelExpressionCompiler())
                .redact(Set.of())
                .build();

        Decision decision = engine.decide(
                PolicyRequest.builder("GET", "/").header("X-Token", "opaque").build());

        assertThat(decision.explanation().decisive().get(0).parts())
                .singleElement()
                .hasToString("`request.headers[\"x-token\"]` was <redacted>");
    }

    @Test
    void boundsWhatItShowsToOneLine() {
        assertThat(parts("jwt.note == 'x'"))
                .singleElement()
                .satisfies(part -> assertThat(part)
                        .hasSizeLessThan(250)
                        .contains("\\u000a")
                        .doesNotContain("\n"));
    }

    @Test
    void leavesOutWhatAnotherEvaluationWouldNotRepeat() {
        assertThat(parts("request.startTime == timestamp('2020-01-01T00:00:00Z')"))
                .isEmpty();
    }

    @Test
    void pointsToEachPartInTheDocument() {
        List<TrafficPolicy> policies = PolicyReader.parse("p.yaml", """
                apiVersion: agentgateway.dev/v1alpha1
                kind: AgentgatewayPolicy
                metadata: {name: p}
                spec:
                  targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: gw}]
                  traffic:
                    authorization:
                      policy:
                        matchExpressions:
                        - |
                          request.method == "GET"
                          || request.path == "/"
                """);
        PolicyEngine engine = PolicyEngine.builder()
                .policies(policies)
                .expressions(new CelExpressionCompiler())
                .build();

        List<RuleOutcome> decisive = engine.decide(REQUEST).explanation().decisive();

        assertThat(decisive.get(0).parts())
                .extracting(part -> part.text() + " " + part.origin().place())
                .containsExactly(
                        "request.method p.yaml:11:11",
                        "request.method == \"GET\" p.yaml:11:11",
                        "request.path p.yaml:12:14",
                        "request.path == \"/\" p.yaml:12:14");
    }

    @Test
    void costsNothingWhenNobodyAsks() {
        AtomicInteger asked = new AtomicInteger();
        List<Explanation> heard = new ArrayList<>();
        PolicyEngine engine = PolicyEngine.builder()
                .policies(List.of(
                        TrafficPolicy.of("p", null, Authorization.of(AuthorizationAction.DENY, "jwt.sub == 'bob'"))))
                .expressions(counting(asked))
                .listener((request, decision, elapsed) -> heard.add(decision.explanation()))
                .build();

        engine.decide(REQUEST, new Decision.Allow(BOB, List.of(), new Explanation("given", List.of())));

        assertThat(asked).hasValue(0);
        assertThat(heard.get(0).decisive().get(0).parts()).hasToString("[`jwt.sub` was \"bob\"]");
        assertThat(asked).hasValue(1);
    }

    @Test
    void keepsValuesOfClaimsOutOfTheSummary() {
        Decision decision = decide(engine("jwt.sub == 'alice' && jwt.email == 'x'", Explanation.REDACTED));

        assertThat(decision.toString() + decision.explanation()).doesNotContain("bob");
    }

    private static final String KEYS = "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"1\","
            + "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}";

    private static ExpressionCompiler counting(AtomicInteger asked) {
        return (text, type) -> counting(new CelExpressionCompiler().compile(text, type), asked);
    }

    private static CompiledExpression counting(CompiledExpression compiled, AtomicInteger asked) {
        return new CompiledExpression() {
            @Override
            public Set<String> reads() {
                return compiled.reads();
            }

            @Override
            public @Nullable Object evaluate(PolicyRequest request, @Nullable VerifiedToken token)
                    throws EvaluationException {
                return compiled.evaluate(request, token);
            }

            @Override
            public List<SubExpression> subExpressions(PolicyRequest request, @Nullable VerifiedToken token) {
                asked.incrementAndGet();
                return compiled.subExpressions(request, token);
            }
        };
    }

    private static List<String> parts(String expression) {
        return parts(engine(expression, Explanation.REDACTED));
    }

    private static List<String> parts(PolicyEngine engine) {
        return decide(engine).explanation().decisive().get(0).parts().stream()
                .map(RuleOutcome.Part::toString)
                .toList();
    }

    private static Decision decide(PolicyEngine engine) {
        return engine.decide(REQUEST, new Decision.Allow(BOB, List.of(), new Explanation("given", List.of())));
    }

    private static PolicyEngine engine(String expression, Set<String> redacted) {
        return PolicyEngine.builder()
                .policies(
                        List.of(TrafficPolicy.of("p", null, Authorization.of(AuthorizationAction.REQUIRE, expression))))
                .expressions(new CelExpressionCompiler())
                .redact(redacted)
                .build();
    }
}
