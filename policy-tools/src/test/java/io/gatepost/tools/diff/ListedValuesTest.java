package io.gatepost.tools.diff;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.tools.diff.PolicyDiff.Side;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A rule may go through values that are written in it, or name one: they are compared like any others. */
class ListedValuesTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-25T08:00:00Z"), ZoneOffset.UTC);

    private static Side side(String rule) {
        return Side.of(PolicyReader.parse("policy.yaml", """
                apiVersion: agentgateway.dev/v1alpha1
                kind: AgentgatewayPolicy
                metadata: {name: net}
                spec:
                  targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: llm}]
                  traffic:
                    authorization:
                      action: Require
                      policy:
                        matchExpressions:
                          - >-
                            %s
                """.formatted(rule)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ["10.0.0.0/8", "192.168.4.0/24"].exists(n, cidr(n).containsIP(source.address)) | 192.168.4.0/24 | 192.168.4.0/23
            ["10.0.0.0/8", "192.168.4.0/24"].exists(n, cidr(n).containsIP(source.address)) | 192.168.4.0/24 | 192.168.5.0/24
            ["10.0.0.0/9", "192.168.4.0/24"].exists(n, cidr(n).containsIP(source.address)) | 10.0.0.0/9     | 10.0.0.0/8
            !["10.0.0.0/8"].all(n, cidr(n).containsIP(source.address))                     | 10.0.0.0/8     | 10.0.0.0/9
            [{"net": "10.0.0.0/9"}].exists(e, cidr(e.net).containsIP(source.address))      | 10.0.0.0/9     | 10.0.0.0/8
            cel.bind(n, cidr("10.0.0.0/9"), n.containsIP(source.address))                  | 10.0.0.0/9     | 10.0.0.0/8
            cel.bind(a, source.address, cidr("10.0.0.0/9").containsIP(a))                  | 10.0.0.0/9     | 10.0.0.0/8
            cel.bind(m, llm.requestModel, m in ["nano", "mini"])                           | mini           | maxi
            ["nano", "mini"].exists(m, llm.requestModel == m)                              | "mini"         | "mini", "maxi"
            ["nano-", "mini-"].exists(m, llm.requestModel.startsWith(m))                   | "mini-"        | "mini"
            """)
    void findsWhoIsLetInByAListedValue(String rule, String old, String replacement) {
        PolicyRequest chat =
                PolicyRequest.builder("POST", "/v1/chat/completions").build();

        PolicyDiff diff = PolicyDiff.madeUp(side(rule), side(rule.replace(old, replacement)), List.of(chat), CLOCK);

        assertThat(diff.flips()).as(diff.text()).anyMatch(Flip::isAllowedNow);
    }
}
