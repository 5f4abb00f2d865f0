package io.gatepost.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.Explanation.Shadow;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.token.TokenIssuer;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** Policies that are reported and not enforced. */
class ShadowTest {
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://id.example.com");
    private static final ObjectName TRIAL = new ObjectName("default", "trial");

    private static List<TrafficPolicy> shadow(String traffic) {
        return policies("{name: trial, annotations: {gatepost.io/enforcement: shadow}}", traffic);
    }

    private static List<TrafficPolicy> policies(String metadata, String traffic) {
        return PolicyReader.parse("p.yaml", """
                apiVersion: agentgateway.dev/v1alpha1
                kind: AgentgatewayPolicy
                metadata: %s
                spec:
                  targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: llm}]
                  traffic: %s
                """.formatted(metadata, traffic));
    }

    private static PolicyEngine engine(List<TrafficPolicy> policies) {
        return PolicyEngine.builder()
                .policies(policies)
                .expressions(new CelExpressionCompiler())
                .build();
    }

    private static PolicyRequest get(String path) {
        return PolicyRequest.builder("GET", path).build();
    }

    @Test
    void allowsWhatOnlyAShadowWouldRefuseAndTellsIt() {
        try (PolicyEngine engine = engine(shadow(
                "{authorization: {action: Deny, policy: {matchExpressions: ['request.path == \"/admin\"']}}}"))) {
            Decision refused = engine.decide(get("/admin"));
            assertThat(refused).isInstanceOf(Decision.Allow.class);
            assertThat(refused.explanation().shadows()).singleElement().satisfies(shadow -> {
                assertThat(shadow.policy()).isEqualTo(TRIAL);
                assertThat(shadow.reason()).isEqualTo(DenyReason.RULE_DENIED);
                assertThat(shadow.summary()).startsWith("a Deny expression held: p.yaml:");
            });
            assertThat(engine.decide(get("/v1")).explanation().shadows())
                    .extracting(Shadow::reason)
                    .containsOnlyNulls()
                    .hasSize(1);
        }
    }

    @Test
    void verifiesNoIdentityAndStripsNoCredentialByAProviderInShadow() {
        String jwt = "{jwtAuthentication: {providers: [{issuer: 'https://id.example.com', jwks: {inline: '"
                + ISSUER.jwks() + "'}}]}}";
        try (PolicyEngine engine = engine(shadow(jwt))) {
            PolicyRequest bearing = PolicyRequest.builder("GET", "/")
                    .header("Authorization", "Bearer " + ISSUER.token().compact())
                    .build();
            Decision decision = engine.decide(bearing);
            assertThat(decision).isInstanceOfSatisfying(Decision.Allow.class, allow -> {
                assertThat(allow.token()).isNull();
                assertThat(allow.credentials()).isEmpty();
                assertThat(allow.toForward(bearing).headers("authorization")).hasSize(1);
            });
            assertThat(decision.explanation().shadows())
                    .extracting(Shadow::reason)
                    .containsOnlyNulls();
            assertThat(engine.decide(get("/")).explanation().shadows())
                    .extracting(Shadow::reason)
                    .containsExactly(DenyReason.TOKEN_MISSING);
        }
    }

    @Test
    void takesTheRulesOfOnePolicyAloneIntoShadow() {
        List<TrafficPolicy> policies = policies(
                "{name: trial}",
                "{jwtAuthentication: {providers: [{issuer:"
                        + " 'https://id.example.com', jwks: {inline: '" + ISSUER.jwks()
                        + "'}}]}, authorization: {enforcement:"
                        + " Shadow, policy: {matchExpressions: ['jwt.sub == \"bob\"']}}}");
        try (PolicyEngine engine = engine(policies)) {
            assertThat(engine.decide(get("/"))).isInstanceOf(Decision.Deny.class);
            Decision alice = engine.decide(PolicyRequest.builder("GET", "/")
                    .header("Authorization", "Bearer " + ISSUER.token().compact())
                    .build());
            assertThat(alice).isInstanceOf(Decision.Allow.class);
            assertThat(alice.explanation().shadows())
                    .extracting(Shadow::reason)
                    .containsExactly(DenyReason.RULE_NOT_MATCHED);
        }
    }

    private static List<TrafficPolicy> rule(String name, String action, String expression, boolean shadow) {
        return policies(
                "{name: " + name + (shadow ? ", annotations: {gatepost.io/enforcement: shadow}}" : "}"),
                "{authorization: {action: " + action + ", policy: {matchExpressions: ['" + expression + "']}}}");
    }

    /** Each rule of a policy that is given a document of its own on the same target is in shadow alone. */
    @Test
    void takesOneRuleAloneIntoShadowByAPolicyOfItsOwn() {
        List<TrafficPolicy> policies = Stream.of(
                        rule("enforced-allow", "Allow", "request.path.startsWith(\"/v1/\")", false),
                        rule("enforced-deny", "Deny", "request.method == \"PUT\"", false),
                        rule("trial-allow", "Allow", "request.path == \"/docs\"", true),
                        rule("trial-deny", "Deny", "request.path == \"/v1/files\"", true),
                        rule("trial-require", "Require", "request.method == \"POST\"", true))
                .flatMap(List::stream)
                .toList();
        try (PolicyEngine engine = engine(policies)) {
            Decision files = engine.decide(get("/v1/files"));
            assertThat(files).isInstanceOf(Decision.Allow.class);
            assertThat(reported(files))
                    .containsExactly("trial-allow null", "trial-deny RULE_DENIED", "trial-require RULE_NOT_MATCHED");

            Decision docs = engine.decide(get("/docs"));
            assertThat(docs).as("refused by what is enforced").isInstanceOf(Decision.Deny.class);
            assertThat(reported(docs)).contains("trial-allow null", "trial-deny RULE_NOT_MATCHED");

            Decision put =
                    engine.decide(PolicyRequest.builder("PUT", "/v1/chat").build());
            assertThat(put).isInstanceOf(Decision.Deny.class);
        }
    }

    private static List<String> reported(Decision decision) {
        return decision.explanation().shadows().stream()
                .map(shadow -> shadow.policy().name() + " " + shadow.reason())
                .toList();
    }

    @Test
    void letsABrokenShadowStandInNobodysWay() {
        try (PolicyEngine engine =
                engine(shadow("{authorization: {policy: {matchExpressions: ['jwt.sub.endWith(\"x\")']}}}"))) {
            assertThat(engine.decide(get("/"))).isInstanceOf(Decision.Allow.class);
            assertThat(engine.decide(get("/")).explanation().shadows()).isEmpty();
            assertThat(engine.warnings())
                    .extracting(Diagnostic::toString)
                    .singleElement()
                    .asString()
                    .contains("in shadow, and nothing is reported of it: ")
                    .contains("`endWith`");
        }
    }

    @Test
    void neverReadsABodyForAShadowAlone() {
        try (PolicyEngine engine =
                engine(shadow("{authorization: {policy: {matchExpressions: ['llm.requestModel == \"nano\"']}}}"))) {
            assertThat(engine.readsBody()).isFalse();
            assertThat(engine.warnings().toString()).contains("it reads the body, which no policy in force does");
        }
    }

    @Test
    void saysInEveryPlaceThatItIsNotEnforced() {
        List<TrafficPolicy> policies = shadow("{authorization: {action: Deny, policy: {matchExpressions: ['true']}}}");
        assertThat(EffectivePolicy.of(policies).toString())
                .isEqualTo("p.yaml:1:1: NOT ENFORCED, only reported: default/trial");
    }

    @Test
    void refusesAnAnnotationThatSaysSomethingElse() {
        Assertions.assertThatThrownBy(() -> policies(
                        "{name: trial, annotations: {gatepost.io/enforcement: shadw}}",
                        "{authorization: {policy: {matchExpressions: ['true']}}}"))
                .isInstanceOf(InvalidPolicyException.class)
                .hasMessageContaining("expected `shadow` or `enforced`");
    }

    @Test
    void takesNothingOfWhatTheRulesInForceMayCost() {
        var request = PolicyRequest.builder("GET", "/v1");
        for (int i = 0; i < 100; i++) {
            request.header("x-" + i, "a");
        }
        String costly = "request.headers.all(a, request.headers.all(b, request.headers.all(c, a != \\\"\\\")))";
        try (PolicyEngine engine =
                engine(shadow("{authorization: {action: Deny, policy: {matchExpressions: [\"" + costly + "\"]}}}"))) {
            Decision decision = engine.decide(request.build());

            assertThat(decision).isInstanceOf(Decision.Allow.class);
            assertThat(decision.explanation().shadows()).singleElement().satisfies(shadow -> {
                assertThat(shadow.reason()).isEqualTo(DenyReason.RULE_FAILED);
                assertThat(shadow.summary()).contains("too many steps");
            });
            assertThat(engine.decide(request.build(), (Decision.Allow) decision))
                    .isInstanceOf(Decision.Allow.class);
        }
    }
}
