package io.gatepost.tools.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.request.RequestBuilder;
import io.gatepost.tools.token.TokenBuilder;
import io.gatepost.tools.token.TokenIssuer;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests that are refused, why, and what would have let them pass. */
class CureTest {
    private static final Instant NOW = Instant.parse("2026-11-25T08:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://id.example.com", "ES256", "key-1", CLOCK);
    private static final TokenIssuer OTHER = TokenIssuer.of("https://other.example.com", "ES256", "key-2", CLOCK);
    private static final Explainer EXPLAINER = new Explainer(null, CLOCK);

    /**
     * @param claims what stands in for a token; null where the request's credential counts
     * @param cure how the nearest cure begins
     */
    private record Case(
            String name,
            String policy,
            PolicyRequest request,
            @Nullable Map<String, @Nullable Object> claims,
            DenyReason reason,
            String cure) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static String policy(String rest) {
        return """
                apiVersion: agentgateway.dev/v1alpha1
                kind: AgentgatewayPolicy
                metadata: {name: guard}
                spec:
                  targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: llm}]
                  traffic:
                """ + rest.indent(4);
    }

    private static String strict(String provider) {
        return """
                jwtAuthentication:
                  mode: Strict
                  providers:
                    - issuer: https://id.example.com
                      jwks: {inline: '%s'}
                """.formatted(ISSUER.jwks()) + provider.indent(6);
    }

    private static String rule(String action, String... expressions) {
        StringBuilder text =
                new StringBuilder("authorization:\n  action: " + action + "\n  policy:\n    matchExpressions:\n");
        for (String expression : expressions) {
            text.append("      - '").append(expression).append("'\n");
        }
        return text.toString();
    }

    private static PolicyRequest bearing(String token) {
        return PolicyRequest.builder("POST", "http://llm.example.com/v1/chat/completions")
                .header("Authorization", "Bearer " + token)
                .build();
    }

    private static RequestBuilder post(String path) {
        return PolicyRequest.builder("POST", "http://llm.example.com" + path);
    }

    private static Case token(String name, String provider, String token, DenyReason reason, String cure) {
        return new Case(name, policy(strict(provider)), bearing(token), null, reason, cure);
    }

    private static Case rules(
            String name,
            String rules,
            RequestBuilder request,
            Map<String, @Nullable Object> claims,
            DenyReason reason,
            String cure) {
        return new Case(name, policy(rules), request.build(), claims, reason, cure);
    }

    private static TokenBuilder good() {
        return ISSUER.token();
    }

    static Stream<Case> tokens() {
        String signed = good().compact();
        return Stream.of(
                new Case(
                        "no token",
                        policy(strict("audiences: [llm]")),
                        post("/").build(),
                        null,
                        DenyReason.TOKEN_MISSING,
                        "a signed JWT of `https://id.example.com` for the audience `llm` in the header `authorization`"
                                + " behind `Bearer`"),
                new Case(
                        "two providers of one issuer, whose keys did not sign it",
                        policy(strict("audiences: [llm]")
                                + "    - issuer: https://id.example.com\n      audiences: [batch]\n      jwks: {inline: '"
                                + ISSUER.jwks() + "'}\n"),
                        bearing(good().claim("aud", "llm")
                                .header("kid", "key-1")
                                .signedBy(OTHER)
                                .compact()),
                        null,
                        DenyReason.SIGNATURE_INVALID,
                        "a token as `https://id.example.com` signed it: its key did not sign this one"),
                new Case(
                        "two tokens",
                        policy(strict("")),
                        post("/")
                                .header("Authorization", "Bearer junk")
                                .header("Authorization", "Bearer " + good().compact())
                                .build(),
                        null,
                        DenyReason.CREDENTIAL_AMBIGUOUS,
                        "one header `authorization`, not 2: number 2 alone"),
                token(
                        "an API key",
                        "",
                        "sk-abc",
                        DenyReason.TOKEN_MALFORMED,
                        "a signed JWT of `https://id.example.com`, not what this one is: the credential is not"
                                + " three segments"),
                token(
                        "alg none",
                        "",
                        good().header("alg", "none").compact(),
                        DenyReason.ALGORITHM_NOT_ALLOWED,
                        "a signed JWT of `https://id.example.com`, not what this one is: the header's `alg`"),
                token(
                        "another issuer",
                        "",
                        OTHER.token().compact(),
                        DenyReason.ISSUER_UNTRUSTED,
                        "a token of `https://id.example.com`, signed with its key: of this one"
                                + " `iss` is \"https://other.example.com\""),
                token(
                        "an unknown key",
                        "",
                        good().header("kid", "key-9").compact(),
                        DenyReason.KEY_UNKNOWN,
                        "a token signed with a key of `https://id.example.com`: expected key \"key-9\" by `kid`, for"
                                + " ES256, there is key \"key-1\" for ES256"),
                token(
                        "an algorithm that is not the key's",
                        "",
                        good().header("alg", "RS256").signedWith("ES256").compact(),
                        DenyReason.ALGORITHM_NOT_ALLOWED,
                        "a token signed as the key allows"),
                token(
                        "another's signature",
                        "",
                        good().signedBy(OTHER).compact(),
                        DenyReason.SIGNATURE_INVALID,
                        "a token as `https://id.example.com` signed it: its key did not sign this one"),
                token(
                        "a changed payload",
                        "",
                        good().subject("mallory").compact().replaceFirst("[^.]*$", "")
                                + signed.substring(signed.lastIndexOf('.') + 1),
                        DenyReason.SIGNATURE_INVALID,
                        "a token as `https://id.example.com` signed it"),
                token(
                        "expired",
                        "",
                        good().expiresIn(Duration.ofHours(-1)).compact(),
                        DenyReason.TOKEN_EXPIRED,
                        "a fresh token: `exp` after 2026-11-25T08:00:00Z, 60 s of clock skew allowed, not"
                                + " 2026-11-25T07:00:00Z"),
                token(
                        "not valid yet",
                        "",
                        good().notBefore(Duration.ofHours(1)).compact(),
                        DenyReason.TOKEN_NOT_YET_VALID,
                        "a token that is valid already: `nbf` not after 2026-11-25T08:00:00Z"),
                token(
                        "not valid before a number of seconds that no clock will show",
                        "",
                        good().claim(
                                        "nbf",
                                        new BigInteger("18446744073709551616")
                                                .add(BigInteger.valueOf(NOW.getEpochSecond())))
                                .compact(),
                        DenyReason.TOKEN_NOT_YET_VALID,
                        "a token that is valid already: `nbf` not after 2026-11-25T08:00:00Z, 60 s of clock skew allowed,"
                                + " not 18446744075505145216"),
                token(
                        "without exp",
                        "",
                        good().withoutClaim("exp").compact(),
                        DenyReason.CLAIM_MISSING,
                        "claim `exp`, which is required and absent"),
                token(
                        "exp as text",
                        "",
                        good().claim("exp", "tomorrow").compact(),
                        DenyReason.CLAIM_INVALID,
                        "claim `exp` as a number of seconds"),
                token(
                        "another audience",
                        "audiences: [llm, chat]",
                        good().claim("aud", "billing").compact(),
                        DenyReason.AUDIENCE_MISMATCH,
                        "claim `aud` with `llm` or `chat` in it, not \"billing\""),
                token(
                        "no audience",
                        "audiences: [llm]",
                        good().compact(),
                        DenyReason.AUDIENCE_MISMATCH,
                        "claim `aud` with `llm` in it, which is absent"),
                token(
                        "without a required claim",
                        "requiredClaims: [exp, tenant]",
                        good().compact(),
                        DenyReason.CLAIM_MISSING,
                        "claim `tenant`, which is required and absent"),
                token(
                        "of another type",
                        "tokenType: at+jwt",
                        good().header("typ", "JWT").compact(),
                        DenyReason.TOKEN_TYPE_MISMATCH,
                        "a token with `typ` `at+jwt`, not \"JWT\""));
    }

    static Stream<Case> ruled() {
        Map<String, @Nullable Object> bob = Map.of("sub", "bob", "email", "bob@example.com");
        return Stream.of(
                rules(
                        "another claim value",
                        rule("Allow", "jwt.sub == \"alice\""),
                        post("/"),
                        bob,
                        DenyReason.RULE_NOT_MATCHED,
                        "claim `sub` \"alice\", not \"bob\""),
                rules(
                        "a missing claim",
                        rule("Require", "\"admin\" in jwt.roles"),
                        post("/"),
                        bob,
                        DenyReason.RULE_NOT_MATCHED,
                        "claim `roles` with \"admin\" in it, which is absent"),
                rules(
                        "a secret claim value",
                        rule("Allow", "jwt.email.endsWith(\"@corp.example\")"),
                        post("/"),
                        bob,
                        DenyReason.RULE_NOT_MATCHED,
                        "claim `email` that ends with \"@corp.example\", not <redacted>"),
                rules(
                        "another method",
                        rule("Deny", "request.method == \"POST\""),
                        post("/"),
                        bob,
                        DenyReason.RULE_DENIED,
                        "method other than \"POST\""),
                rules(
                        "a missing header",
                        rule("Require", "request.headers[\"x-team\"] == \"research\""),
                        post("/"),
                        bob,
                        DenyReason.RULE_NOT_MATCHED,
                        "header `x-team` \"research\", which is absent"),
                rules(
                        "another model",
                        rule("Allow", "llm.requestModel in [\"gpt-4.1-nano\", \"gpt-4.1-mini\"]"),
                        post("/").body("{\"model\":\"gpt-5\"}".getBytes(StandardCharsets.UTF_8)),
                        bob,
                        DenyReason.RULE_NOT_MATCHED,
                        "member `model` of the body \"gpt-4.1-nano\", not \"gpt-5\""),
                rules(
                        "another path",
                        rule("Deny", "request.path.startsWith(\"/admin\")"),
                        post("/admin/keys"),
                        bob,
                        DenyReason.RULE_DENIED,
                        "path other than with \"/admin\""),
                rules(
                        "another client",
                        rule("Require", "cidr(\"10.0.0.0/8\").containsIP(source.address)"),
                        post("/").source("192.0.2.1", 1),
                        bob,
                        DenyReason.RULE_NOT_MATCHED,
                        "client address within 10.0.0.0/8, not \"192.0.2.1\""),
                rules(
                        "a Deny that can't be evaluated",
                        rule("Deny", "jwt.banned == true"),
                        post("/"),
                        bob,
                        DenyReason.RULE_FAILED,
                        "claim `banned` other than true, which is absent"),
                rules(
                        "two changes",
                        rule("Allow", "jwt.sub == \"alice\" && llm.requestModel == \"gpt-4.1-nano\""),
                        post("/").body("{\"model\":\"gpt-5\"}".getBytes(StandardCharsets.UTF_8)),
                        bob,
                        DenyReason.RULE_NOT_MATCHED,
                        "claim `sub` \"alice\", not \"bob\"; and member `model` of the body \"gpt-4.1-nano\", not"
                                + " \"gpt-5\""),
                rules(
                        "five changes",
                        rule(
                                "Allow",
                                "jwt.a == 1 && jwt.b == 2 && jwt.c == 3 && jwt.d == 4 && request.method == \"GET\""),
                        post("/"),
                        bob,
                        DenyReason.RULE_NOT_MATCHED,
                        "claim `a` 1, which is absent; and claim `b` 2, which is absent; and claim `c` 3, which is"
                                + " absent; and claim `d` 4, which is absent; and method \"GET\", not \"POST\""),
                rules(
                        "a number that is too small",
                        rule("Require", "jwt.level >= 3"),
                        post("/"),
                        Map.of("sub", "bob", "level", 1L),
                        DenyReason.RULE_NOT_MATCHED,
                        "claim `level` 3, not 1"),
                rules(
                        "an element of a list of objects",
                        rule("Require", "jwt.groups.exists(g, g.name == \"staff\")"),
                        post("/"),
                        Map.of("groups", List.of(Map.of("name", "guests"))),
                        DenyReason.RULE_NOT_MATCHED,
                        "claim `groups.name` with an element \"staff\""),
                rules(
                        "a pattern",
                        rule("Require", "request.path.matches(\"^/v1/models/[a-z]+$\")"),
                        post("/v2"),
                        bob,
                        DenyReason.RULE_NOT_MATCHED,
                        "path that matches \"^/v1/models/[a-z]+$\", not \"/v2\""),
                rules(
                        "two values that must agree",
                        rule("Require", "request.headers[\"x-tenant\"] == jwt.tenant"),
                        post("/").header("x-tenant", "red"),
                        Map.of("tenant", "blue"),
                        DenyReason.RULE_NOT_MATCHED,
                        "claim `tenant` \"red\", not \"blue\""),
                rules(
                        "dot segments",
                        rule("Allow", "true"),
                        post("/v1/../admin"),
                        bob,
                        DenyReason.REQUEST_MALFORMED,
                        "the path in its plain form, `/admin`: the path has a dot segment"),
                rules(
                        "a member twice",
                        rule("Allow", "llm.requestModel == \"gpt-5\""),
                        post("/").body("{\"model\":\"gpt-4\",\"model\":\"gpt-5\"}".getBytes(StandardCharsets.UTF_8)),
                        bob,
                        DenyReason.REQUEST_MALFORMED,
                        "each member of the body once"),
                rules(
                        "a member of a body that is no JSON",
                        rule("Allow", "json(request.body).max_tokens <= 100"),
                        post("/").body("max_tokens=10".getBytes(StandardCharsets.UTF_8)),
                        bob,
                        DenyReason.RULE_NOT_MATCHED,
                        "member `max_tokens` of the body 100, not a body that is no JSON object"),
                rules(
                        "a member of a body that has it twice",
                        rule("Allow", "json(request.body).max_tokens <= 100"),
                        post("/").body("{\"max_tokens\":100,\"max_tokens\":10}".getBytes(StandardCharsets.UTF_8)),
                        bob,
                        DenyReason.REQUEST_MALFORMED,
                        "each member of the body once"),
                rules(
                        "two models in query and body, and the wrong one",
                        rule("Allow", "llm.requestModel == \"gpt-4\""),
                        post("/?model=gpt-5").body("{\"model\":\"gpt-6\"}".getBytes(StandardCharsets.UTF_8)),
                        bob,
                        DenyReason.REQUEST_MALFORMED,
                        "no `model` in the query; and member `model` of the body \"gpt-4\", not \"gpt-6\""),
                rules(
                        "two models",
                        rule("Allow", "llm.requestModel == \"gpt-4\""),
                        post("/?model=gpt-4").body("{\"model\":\"gpt-5\"}".getBytes(StandardCharsets.UTF_8)),
                        bob,
                        DenyReason.REQUEST_MALFORMED,
                        "one model in body, query and path: member `model` of the body \"gpt-4\", not \"gpt-5\""));
    }

    @ParameterizedTest
    @MethodSource({"tokens", "ruled"})
    void tellsWhyARequestIsRefusedAndWhatWouldLetItPass(Case one) {
        Explained explained = EXPLAINER.explain(
                Guard.of(PolicyReader.parse("policy.yaml", one.policy())), one.request(), one.claims());
        assertThat(explained.decision())
                .isInstanceOfSatisfying(
                        Decision.Deny.class, deny -> assertThat(deny.reason()).isEqualTo(one.reason()));
        assertThat(explained.cures()).isNotEmpty();
        assertThat(explained.cures().get(0).toString()).startsWith(one.cure());
        assertThat(explained.cures())
                .as("no change can be left out")
                .noneMatch(cure -> explained.cures().stream()
                        .anyMatch(other -> !other.equals(cure) && cure.changes().containsAll(other.changes())));
        assertThat(explained.tree()).as("what decided is marked").anyMatch(CureTest::isDecided);
    }

    private static boolean isDecided(ExplanationNode node) {
        return node.decisive() || node.children().stream().anyMatch(CureTest::isDecided);
    }
}
