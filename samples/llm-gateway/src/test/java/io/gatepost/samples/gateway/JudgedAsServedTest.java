package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verbs see the time, the route and the members of a request. */
class JudgedAsServedTest {
    private static final String POLICY = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: NAME}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: NAME}]
              traffic: {authorization: {action: Require, policy: {matchExpressions: ['RULE']}}}
            ---
            """;
    private static final String OFFICE = "request.startTime.getHours(\"Europe/Berlin\") >= 8"
            + " && request.startTime.getHours(\"Europe/Berlin\") < 18"
            + " && !(request.startTime.getDayOfWeek(\"Europe/Berlin\") in [0, 6])";

    private static String route(String name) {
        return """
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: NAME}
                spec:
                  parentRefs: [{name: llm}]
                  hostnames: [NAME.example.com]
                  rules: [{matches: [{path: {type: PathPrefix, value: /v1}}]}]
                ---
                """.replace("NAME", name);
    }

    @TempDir
    private Path folder;

    private String write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private static String policy(String name, String rule) {
        return POLICY.replace("NAME", name).replace("RULE", rule);
    }

    private String gateway() throws IOException {
        return write(
                "gateway.yaml",
                """
                apiVersion: gateway.networking.k8s.io/v1
                kind: Gateway
                metadata: {name: llm}
                spec: {gatewayClassName: x, listeners: [{name: http, protocol: HTTP, port: 80}]}
                ---
                """ + route("chat") + route("admin") + policy("chat", "true") + policy("admin", "false"));
    }

    @Test
    void decideNamesAnUnknownMemberAndTheNearestKnownOne() {
        String request = "{\"method\": \"GET\", \"uri\": \"/\"";

        assertThat(Cli.runWithInput("{\"request\": " + request + "}, \"claim\": {}}\n", "decide", "--ndjson")
                        .out())
                .contains("\"stage\":\"load\"", "claim: unknown member", "did you mean `claims`?");
        assertThat(Cli.runWithInput("{\"request\": " + request + ", \"header\": []}}\n", "decide", "--ndjson")
                        .out())
                .contains("request.header: unknown member", "did you mean `headers`?");
    }

    @Test
    void explainMovesTheStartTimeWithTheClock() throws IOException {
        String file = write("office.yaml", policy("office", OFFICE));

        assertThat(Cli.run("explain", "--file", file, "--at", "2026-11-25T11:00:00Z", "http://a.test/")
                        .out())
                .startsWith("allow");
        assertThat(Cli.run("explain", "--file", file, "--at", "2026-11-25T23:00:00Z", "http://a.test/")
                        .out())
                .startsWith("deny 403");
    }

    @Test
    void officeHoursAreTestedAtNoonAndAtMidnightWithoutASurvivor() throws IOException {
        write("office.yaml", policy("office", OFFICE));
        String tests = write("office.test.yaml", """
                tests:
                  - {name: noon, at: '2026-11-25T12:00:00+01:00', request: GET /, expect: allow}
                  - {name: midnight, at: '2026-11-25T00:00:00+01:00', request: GET /, expect: deny}
                  - {name: from eight, at: '2026-11-25T08:00:00+01:00', request: GET /, expect: allow}
                  - {name: before eight, at: '2026-11-25T07:59:59+01:00', request: GET /, expect: deny}
                  - {name: until six, at: '2026-11-25T17:59:59+01:00', request: GET /, expect: allow}
                  - {name: from six, at: '2026-11-25T18:00:00+01:00', request: GET /, expect: deny}
                  - {name: Saturday, at: '2026-11-28T12:00:00+01:00', request: GET /, expect: deny}
                  - {name: Sunday, at: '2026-11-29T12:00:00+01:00', request: GET /, expect: deny}
                  - {name: Monday, at: '2026-11-30T12:00:00+01:00', request: GET /, expect: allow}
                  - {name: Friday, at: '2026-11-27T12:00:00+01:00', request: GET /, expect: allow}
                """);

        Cli run = Cli.run("test", "--file", tests, "--mutate", "--min-score", "100");
        assertThat(run.out()).contains("10 tests, all passed").contains("mutation score: 100 %");
        assertThat(run.exit()).isZero();
    }

    @Test
    void testRoutesAsServeDoes() throws IOException {
        gateway();
        String tests = write("gateway.test.yaml", """
                tests:
                  - {name: by host, request: GET http://chat.example.com/v1/x, expect: allow}
                  - {name: by another, request: GET http://admin.example.com/v1/x, expect: rule_not_matched}
                  - {name: by route, route: admin, request: GET /v1/x, expect: rule_not_matched}
                  - {name: nowhere, request: GET http://other.test/v1/x, expect: {status: 404}}
                """);

        assertThat(Cli.run("test", "--file", tests).out()).contains("4 tests, all passed");
    }

    @Test
    void nothingGuessesTheRoute() throws IOException {
        String file = gateway();
        String tests = write("gateway.test.yaml", "tests: [{name: n, request: GET /v1/x, expect: allow}]\n");

        assertThat(Cli.run("test", "--file", tests).out()).contains("names no host, and could be one to");
        assertThat(Cli.run("explain", "--file", file, "/v1/x").err()).contains("names no host, and could be one to");
        assertThat(Cli.run("explain", "--file", file, "--route", "chat", "/v1/x")
                        .out())
                .startsWith("allow");
    }
}
