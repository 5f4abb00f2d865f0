package io.gatepost.tools.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.diagnostic.InvalidPolicyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that say when a request comes, and for what. */
class TimeAndTargetTest {
    private static final String OFFICE_HOURS = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: office}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: llm}]
              traffic:
                jwtAuthentication:
                  providers: [{issuer: https://id.example.com, jwks: {remote: {url: https://keys.invalid/keys}}}]
                authorization:
                  action: Require
                  policy:
                    matchExpressions: ['request.startTime.getHours() >= 8 && request.startTime.getHours() < 18']
            """;

    @TempDir
    private Path folder;

    private List<PolicySuite> read(String policies, String tests) throws IOException {
        Files.writeString(folder.resolve("p.yaml"), policies);
        return PolicySuite.read(List.of(Files.writeString(folder.resolve("p.test.yaml"), tests)));
    }

    @Test
    void judgesTokensAndRulesAsOfTheGivenTime() throws IOException {
        List<PolicySuite> suites = read(OFFICE_HOURS, """
                at: 2026-11-25T12:00:00Z
                tests:
                  - {name: noon, request: GET /, token: Valid, expect: allow}
                  - {name: midnight, at: 2026-11-25T00:00:00Z, request: GET /, token: Valid, expect: rule_not_matched}
                  - {name: first, at: '2026-11-25T09:00:00+01:00', request: GET /, token: Valid, expect: allow}
                  - {name: too early, at: 2026-11-25T07:59:59Z, request: GET /, token: Valid, expect: rule_not_matched}
                  - {name: last, at: 2026-11-25T17:59:59.999Z, request: GET /, token: Valid, expect: allow}
                  - {name: too late, at: 2026-11-25T18:00:00Z, request: GET /, token: Valid, expect: rule_not_matched}
                  - {name: expired at noon, request: GET /, token: Expired, expect: token_expired}
                  - {name: without a token, request: GET /, expect: token_missing}
                """);

        assertThat(TestRun.of(suites)).hasToString("8 tests, all passed");
        assertThat(TestRun.of(suites).coverage().gaps()).isEmpty();
        assertThat(MutationRun.of(suites).survivors()).isEmpty();
    }

    @Test
    void tellsWhereATimeOrAnAddressIsNone() {
        assertThatThrownBy(() -> read(
                        OFFICE_HOURS,
                        "tests: [{name: n, at: noon, request: {method: GET, path: /, sourceAddress: 10.0.0.300},"
                                + " expect: allow}]"))
                .isInstanceOf(InvalidPolicyException.class)
                .hasMessageContaining("2026-11-25T08:00:00Z")
                .hasMessageContaining("found `noon`")
                .hasMessageContaining("expected an IP address, found `10.0.0.300`");
    }

    private static final String TWO_TARGETS = "---\n"
            + OFFICE_HOURS.replace("kind: Gateway, name: llm", "kind: HTTPRoute, name: admin") + "---\n"
            + OFFICE_HOURS
                    .replace("name: office", "name: chat")
                    .replace("kind: Gateway, name: llm", "kind: HTTPRoute, name: chat")
                    .replace(">= 8", ">= 10");

    private static String nine(String expect) {
        return "tests: [{name: n, at: 2026-11-25T09:00:00Z, request: GET /, token: Valid, expect: " + expect + "}]\n";
    }

    @Test
    void wantsToKnowTheTargetOfPoliciesThatHaveDifferentOnes() throws IOException {
        assertThatThrownBy(() -> read(TWO_TARGETS, nine("allow")))
                .isInstanceOf(InvalidPolicyException.class)
                .hasMessageContaining("`HTTPRoute/default/admin`, `HTTPRoute/default/chat`")
                .hasMessageContaining("target: HTTPRoute/chat");
        assertThat(TestRun.of(read(TWO_TARGETS, nine("allow") + "target: HTTPRoute/admin"))
                        .passed())
                .isTrue();
        assertThat(TestRun.of(read(TWO_TARGETS, nine("rule_not_matched") + "target: [Gateway/llm, HTTPRoute/chat]"))
                        .passed())
                .isTrue();
        assertThat(TestRun.of(read(TWO_TARGETS, nine("rule_not_matched") + "target: '*'"))
                        .passed())
                .isTrue();
    }

    @Test
    void knowsNoRouteWithoutAGateway() throws IOException {
        assertThat(TestRun.of(read(OFFICE_HOURS, nine("allow") + "route: chat")).failures())
                .singleElement()
                .asString()
                .contains("there is no gateway with routes in the files");
    }

    @Test
    void refusesAtTheEntryWhatAGatewayRefusesThere() throws IOException {
        assertThat(TestRun.of(read(OFFICE_HOURS, """
                        at: 2026-11-25T12:00:00Z
                        tests:
                          - {name: dots, request: GET /a/../b, token: Valid, expect: request_malformed}
                          - {name: trace, request: TRACE /, token: Valid, expect: {status: 405}}
                        """))).hasToString("2 tests, all passed");
    }
}
