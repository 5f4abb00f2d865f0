package io.gatepost.tools.diff;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.diff.PolicyDiff.Side;
import io.gatepost.tools.explain.Simulation;
import io.gatepost.tools.token.TokenBuilder;
import io.gatepost.tools.token.TokenIssuer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Seeded changes of a policy, each tried by all of many requests, and found without them. */
class PolicyDiffTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-25T08:00:00Z"), ZoneOffset.UTC);
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://id.example.com", "ES256", "key-1", CLOCK);
    private static final String POLICY = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: door}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: llm}]
              traffic:
                jwtAuthentication:
                  mode: Strict
                  providers:
                    - issuer: https://id.example.com
                      audiences: [llm]
                      clockSkew: 60s
                      jwks: {inline: '%s'}
                authorization:
                  action: Allow
                  policy:
                    matchExpressions:
                      - 'jwt.team == "red" && llm.requestModel in ["nano", "mini"]'
                      - '"admin" in jwt.roles'
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: bans}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: llm}]
              traffic:
                authorization:
                  action: Deny
                  policy: {matchExpressions: ['request.path.startsWith("/admin") && !("admin" in jwt.roles)']}
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: levels}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: llm}]
              traffic:
                authorization:
                  action: Require
                  policy: {matchExpressions: ['jwt.level >= 3']}
            """.formatted(ISSUER.jwks());

    static Stream<Arguments> seeded() {
        return Stream.of(
                change("a literal", "jwt.team == \"red\"", "jwt.team == \"blue\"", "changed Allow `jwt.team"),
                change("a boundary", "jwt.level >= 3", "jwt.level > 3", "changed Require `jwt.level >= 3`"),
                change("an operator", "\"red\" && llm", "\"red\" || llm", "changed Allow `jwt.team"),
                change("an element", "[\"nano\", \"mini\"]", "[\"nano\"]", "changed Allow `jwt.team"),
                change(
                        "a rule less",
                        "          - '\"admin\" in jwt.roles'\n",
                        "",
                        "removed Allow `\"admin\" in jwt.roles`"),
                change(
                        "an action",
                        "action: Require",
                        "action: Allow",
                        "moved Require `jwt.level >= 3` of default/levels is"),
                change(
                        "the location",
                        "mode: Strict",
                        "location: {header: {name: x-token}}",
                        "changed location of policy default/door: Header["),
                change(
                        "an audience",
                        "[llm]",
                        "[llm, chat]",
                        "changed audiences of provider `https://id.example.com` of"),
                change("the clock skew", "clockSkew: 60s", "clockSkew: 5s", "changed clockSkew of provider"),
                change("a prefix", "startsWith(\"/admin\")", "startsWith(\"/admin/\")", "changed Deny `request.path"),
                change("a required claim", "clockSkew: 60s", "requiredClaims: [exp, sub]", "changed requiredClaims of"),
                change(
                        "errors",
                        "action: Deny",
                        "action: Deny\n      onEvaluationError: Ignore",
                        "moved Deny `request"));
    }

    private static Arguments change(String name, String old, String replacement, String told) {
        assertThat(POLICY).contains(old);
        return Arguments.of(name, POLICY.replace(old, replacement), told);
    }

    private static List<TrafficPolicy> policies(String text) {
        return PolicyReader.parse("p.yaml", text);
    }

    private static final List<Asked> EVERY_REQUEST = everyRequest();

    /** Every combination of what the policy looks at, with real tokens. */
    private static List<Asked> everyRequest() {
        List<Asked> all = new ArrayList<>();
        List<@Nullable TokenBuilder> tokens = new ArrayList<>();
        tokens.add(null);
        for (String team : List.of("red", "blue")) {
            for (int level : List.of(2, 3, 4)) {
                for (List<String> roles : List.of(List.<String>of(), List.of("admin"))) {
                    for (String audience : List.of("llm", "chat")) {
                        tokens.add(ISSUER.token()
                                .claim("team", team)
                                .claim("level", level)
                                .claim("roles", roles)
                                .claim("aud", audience));
                    }
                }
            }
        }
        tokens.add(good().expiresIn(Duration.ofSeconds(-30)));
        tokens.add(good().expiresIn(Duration.ofSeconds(-90)));
        tokens.add(good().withoutClaim("roles"));
        tokens.add(good().withoutClaim("sub"));
        tokens.add(good().withoutClaim("level"));
        for (TokenBuilder token : tokens) {
            for (String path : List.of("/v1/chat", "/admin", "/admin/keys", "/administrators")) {
                for (String model : List.of("nano", "mini", "maxi")) {
                    var request = PolicyRequest.builder("POST", "http://llm.example.com" + path)
                            .body(("{\"model\":\"" + model + "\"}").getBytes(StandardCharsets.UTF_8));
                    if (token != null) {
                        request.header("Authorization", "Bearer " + token.compact());
                    }
                    all.add(Asked.recorded(request.build(), null));
                }
            }
        }
        return all;
    }

    private static TokenBuilder good() {
        return ISSUER.token()
                .claim("team", "red")
                .claim("level", 3)
                .claim("roles", List.of())
                .claim("aud", "llm");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("seeded")
    void findsEveryFlipOfASeededChange(String name, String changed, String told) {
        Side from = Side.of(policies(POLICY));
        Side to = Side.of(policies(changed));
        List<Asked> every = EVERY_REQUEST;
        long flips = 0;
        try (Simulation before = new Simulation(from.policiesOf(), null, CLOCK);
                Simulation after = new Simulation(to.policiesOf(), null, CLOCK)) {
            for (Asked asked : every) {
                boolean one = before.decide(asked.request()) instanceof Decision.Allow;
                boolean other = after.decide(asked.request()) instanceof Decision.Allow;
                flips += one == other ? 0 : 1;
            }
        }
        assertThat(flips).as("the change shows in the requests").isPositive();

        PolicyDiff replayed = PolicyDiff.of(from, to, every, 0, CLOCK);
        assertThat(replayed.flips()).hasSize((int) flips);
        assertThat(replayed.differences()).isNotEmpty();
        assertThat(replayed.text()).contains(told);

        PolicyRequest base =
                PolicyRequest.builder("POST", "http://llm.example.com/v1/chat").build();
        PolicyDiff found = PolicyDiff.madeUp(from, to, List.of(base), CLOCK);
        assertThat(found.flips()).as("without a recording").isNotEmpty();
        assertThat(found.flips().stream().map(Flip::isAllowedNow).distinct())
                .as("both directions that the requests show")
                .containsAll(replayed.flips().stream()
                        .map(Flip::isAllowedNow)
                        .distinct()
                        .toList());
    }

    @Test
    void saysThatLayoutAndOrderAreNoDifference() {
        String[] documents = POLICY.split("---\n", -1);
        String other = documents[2] + "---\n# turned around\n"
                + documents[0].replace("[\"nano\", \"mini\"]", "[\"nano\",   \"mini\"]") + "---\n" + documents[1];
        Side from = Side.of(policies(POLICY));
        Side to = Side.of(policies(other));
        PolicyDiff diff = PolicyDiff.of(from, to, EVERY_REQUEST, 0, CLOCK);
        assertThat(diff.differences()).isEmpty();
        assertThat(diff.flips()).isEmpty();
        assertThat(diff.text()).isEqualTo("the policies say the same\n0 of 360 requests flip\n");
    }

    @Test
    void countsByRouteAndSubject() {
        Side from = Side.of(policies(POLICY));
        Side to = Side.of(policies(POLICY.replace("jwt.level >= 3", "jwt.level >= 4")));
        Map<String, @Nullable Object> claims =
                new LinkedHashMap<>(Map.of("sub", "alice", "level", 3L, "roles", List.of("admin")));
        PolicyRequest request = PolicyRequest.builder("POST", "/v1").build();
        PolicyDiff diff = PolicyDiff.of(
                from, to, List.of(Asked.recorded(request, new VerifiedToken("", null, claims))), 2, CLOCK);
        assertThat(diff.text()).contains("""
                        1 of 1 requests flip; 2 records hold too little to be decided again
                          route every route: 1 now denied, 0 now allowed
                          subject alice: 1 now denied, 0 now allowed
                          now denied  POST /v1 claims \
                        """).endsWith(": allowed -> rule_not_matched\n");
        assertThat(diff.json()).contains("\"bySubject\":{\"alice\":{\"denied\":1,\"allowed\":0}}");
    }
}
