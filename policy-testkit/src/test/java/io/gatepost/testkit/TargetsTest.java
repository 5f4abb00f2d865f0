package io.gatepost.testkit;

import static io.gatepost.policy.DenyReason.ISSUER_UNTRUSTED;
import static io.gatepost.testkit.GatepostAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.PolicyTarget;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.token.TokenIssuer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An engine that is built from a file whose policies are for several routes. */
class TargetsTest {
    private static final TokenIssuer STAFF = TokenIssuer.of("https://staff.test");
    private static final TokenIssuer USERS = TokenIssuer.of("https://users.test");

    private static String policy(String name, String target, String traffic) {
        return """
                apiVersion: agentgateway.dev/v1alpha1
                kind: AgentgatewayPolicy
                metadata: {name: %s}
                spec:
                  targetRefs: [{group: gateway.networking.k8s.io, %s}]
                  traffic: {%s}
                ---
                """.formatted(name, target, traffic);
    }

    private static String trusting(TokenIssuer issuer) {
        return "jwtAuthentication: {providers: [{issuer: '%s', jwks: {inline: '%s'}}]}"
                .formatted(issuer.issuer(), issuer.jwks());
    }

    private static List<TrafficPolicy> parse(String... documents) {
        return PolicyReader.parse("policies.yaml", String.join("", documents));
    }

    private final List<TrafficPolicy> policies = parse(
            policy("chat", "kind: HTTPRoute, name: chat", trusting(USERS)),
            policy("admin", "kind: HTTPRoute, name: admin", trusting(STAFF)),
            policy(
                    "everywhere",
                    "kind: Gateway, name: llm",
                    "authorization: {action: Require, policy: {matchExpressions: ['request.method == \"POST\"']}}"));

    private static PolicyEngine.Builder builder(List<TrafficPolicy> policies) {
        return PolicyEngine.builder().policies(policies).expressions(new CelExpressionCompiler());
    }

    private static Decision decide(PolicyEngine engine, String method, TokenIssuer issuer) {
        return engine.decide(PolicyRequest.builder(method, "/v1/chat/completions")
                .header("Authorization", "Bearer " + issuer.token().compact())
                .build());
    }

    @Test
    void isNotBuiltWhereNothingSaysWhichTargetItGuards() {
        assertThatThrownBy(() -> builder(policies).build())
                .isInstanceOf(InvalidPolicyException.class)
                .hasMessageStartingWith("policies.yaml:")
                .hasMessageContaining("`Gateway/default/llm`, `HTTPRoute/default/admin`, `HTTPRoute/default/chat`")
                .hasMessageContaining("forTarget")
                .hasMessageContaining("ignoringTargets");
    }

    @Test
    void appliesOnlyThePoliciesOfItsTarget() {
        PolicyEngine chat = builder(policies)
                .forTarget(PolicyTarget.parse("Gateway/llm"), PolicyTarget.parse("HTTPRoute/chat"))
                .build();

        assertThat(decide(chat, "POST", USERS)).isAllowed();
        assertThat(decide(chat, "POST", STAFF)).isDenied().because(ISSUER_UNTRUSTED);
        assertThat(decide(chat, "GET", USERS)).isDenied();
    }

    @Test
    void appliesAllPoliciesWhereItIsTold() {
        PolicyEngine engine = builder(policies).ignoringTargets().build();

        assertThat(decide(engine, "POST", STAFF)).isAllowed();
    }

    @Test
    void takesPoliciesOfOneTargetAsTheyAre() {
        PolicyEngine engine = builder(parse(
                        policy("who", "kind: HTTPRoute, name: chat", trusting(USERS)),
                        policy(
                                "what",
                                "kind: HTTPRoute, name: chat",
                                "authorization: {policy: {matchExpressions: ['request.method == \"POST\"']}}")))
                .build();

        assertThat(decide(engine, "POST", USERS)).isAllowed();
        assertThat(decide(engine, "GET", USERS)).isDenied();
    }

    @Test
    void isNotBuiltForATargetThatNoPolicyHas() {
        assertThatThrownBy(() -> builder(policies)
                        .forTarget(PolicyTarget.parse("HTTPRoute/chatt"))
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("`HTTPRoute/default/chat`");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "chat", "HTTPRoute/", "HTTPRoute/a/b/c", "HTTPRoute/Chat", "Gateway/llm#"})
    void refusesATextThatIsNoTarget(String text) {
        assertThatThrownBy(() -> PolicyTarget.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("HTTPRoute/chat");
    }
}
