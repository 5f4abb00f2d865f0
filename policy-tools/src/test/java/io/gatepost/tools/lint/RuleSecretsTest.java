package io.gatepost.tools.lint;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.document.PolicyReader;
import java.util.List;
import org.junit.jupiter.api.Test;

class RuleSecretsTest {
    private static final String POLICY = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: keys}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: llm}]
              traffic:
                authorization:
                  policy:
                    matchExpressions:
                      - 'request.headers["authorization"] == "Basic hunter2-and-more"'
                      - 'request.headers["x-partner"] == "sk-4f9a8c7e2b1d6053"'
            """;

    @Test
    void hidesTheSecretsOfRulesAndNothingElse() {
        RuleSecrets secrets = RuleSecrets.of(PolicyReader.parse("policy.yaml", POLICY));

        assertThat(secrets.hide(POLICY))
                .contains("request.headers[\"authorization\"] == \"<redacted>\"")
                .contains("request.headers[\"x-partner\"] == \"<redacted>\"")
                .doesNotContain("hunter2", "sk-4f9a");
    }

    @Test
    void hidesThemInJsonToo() {
        String rule = "'request.headers[\"authorization\"] == \"Basic with \\\"quotes\\\" in it\"'";
        RuleSecrets secrets = RuleSecrets.of(PolicyReader.parse(
                "policy.yaml",
                POLICY.replace("'request.headers[\"authorization\"] == \"Basic hunter2-and-more\"'", rule)));

        assertThat(secrets.hide("{\"text\":\"Basic with \\\"quotes\\\" in it\"}"))
                .isEqualTo("{\"text\":\"<redacted>\"}");
    }

    @Test
    void leavesTextsOfOtherPoliciesAlone() {
        assertThat(RuleSecrets.of(List.of()).hide("sk-4f9a8c7e2b1d6053")).isEqualTo("sk-4f9a8c7e2b1d6053");
    }
}
