package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiffCommandTest {
    private static final String MANIFESTS = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: llm}
            spec: {gatewayClassName: agentgateway, listeners: [{name: http, protocol: HTTP, port: 80}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: chat}
            spec:
              parentRefs: [{name: llm}]
              rules: [{matches: [{path: {type: PathPrefix, value: /v1}}], backendRefs: [{name: openai, port: 80}]}]
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: guard}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: chat}]
              traffic:
                authorization:
                  policy: {matchExpressions: ['request.method == "GET"', 'request.headers["x-team"] == "red"']}
            """;

    @TempDir
    private Path folder;

    private String write(String name, String manifests) throws IOException {
        return Files.writeString(folder.resolve(name), manifests).toString();
    }

    @Test
    void findsRequestsThatFlipWithoutARecording() throws IOException {
        String from = write("from.yaml", MANIFESTS);
        String to = write("to.yaml", MANIFESTS.replace("\"red\"", "\"blue\""));
        Cli run = Cli.run("diff", "--from", from, "--to", to);
        assertThat(run.err()).isEmpty();
        assertThat(run.exit()).isEqualTo(4);
        assertThat(run.out())
                .startsWith("changed Allow `request.headers[\"x-team\"] == \"red\"` of default/guard is now"
                        + " `request.headers[\"x-team\"] == \"blue\"` [" + from)
                .contains(" requests flip\n  route default/chat: ")
                .contains("now denied  POST llm.example.com/v1 -H x-team: allowed -> rule_not_matched")
                .contains("now allowed POST llm.example.com/v1 -H x-team: rule_not_matched -> allowed");
    }

    @Test
    void neitherItNorExplainQuotesASecretOfARule() throws IOException {
        String from = write("from.yaml", MANIFESTS.replace("\"red\"", "\"sk-4f9a8c7e2b1d6053\""));
        String to = write("to.yaml", MANIFESTS.replace("\"red\"", "\"sk-4f9a8c7e2b1d6054\""));
        for (String format : List.of("text", "json")) {
            Cli diff = Cli.run("diff", "--from", from, "--to", to, "--format", format);
            Cli explain = Cli.run("explain", "--file", from, "http://llm.test/v1", "-X", "POST", "--format", format);
            assertThat(diff.out() + explain.out()).contains("<redacted>").doesNotContain("sk-4f9a");
        }
    }

    @Test
    void tellsATextualChangeFromOneThatFlips() throws IOException {
        String from = write("from.yaml", MANIFESTS);
        String same = write("same.yaml", "# a comment\n" + MANIFESTS);
        String doubled = write("doubled.yaml", MANIFESTS.replace("\"GET\"", "\"GET\" && true"));
        assertThat(Cli.run("diff", "--from", from, "--to", same).exit()).isZero();
        assertThat(Cli.run("diff", "--from", from, "--to", doubled).exit()).isEqualTo(3);
        assertThat(Cli.run(
                                "diff",
                                "--from",
                                from,
                                "--to",
                                folder.resolve("none.yaml").toString())
                        .exit())
                .isEqualTo(1);
    }

    @Test
    void replaysLinesAndAnAuditLog() throws IOException {
        String from = write("from.yaml", MANIFESTS);
        String to = write("to.yaml", MANIFESTS.replace("\"GET\"", "\"PUT\""));
        String lines = write("requests.ndjson", """
                {"request": {"method": "GET", "uri": "/v1/models", "headers": []}, "claims": {"sub": "alice"}}
                {"request": {"method": "GET", "uri": "/v1/models", "headers": [["x-team", "red"]]}}
                {"request": {"method": "PUT", "uri": "/v1/models"}}
                """);
        assertThat(Cli.run("diff", "--from", from, "--to", to, "--replay", lines)
                        .out())
                .contains("2 of 3 requests flip\n")
                .contains("  route default/chat: 1 now denied, 1 now allowed\n")
                .contains("  subject alice: 1 now denied, 0 now allowed\n");

        String audit = write("audit.ndjson", """
                {"request_id": "1", "route": "default/chat", "method": "GET", "path": "/v1/models", "outcome": "allow", "subject": "bob"}
                {"request_id": "2", "route": "default/chat", "method": "POST", "path": "/v1/chat", "outcome": "allow", "subject": "bob"}
                {"request_id": "3", "route": "default/chat", "method": "POST", "path": "/v1/chat", "outcome": "deny", "reason": "rule_not_matched"}
                """);
        Cli run = Cli.run("diff", "--from", from, "--to", to, "--replay", audit, "--format", "json");
        assertThat(run.exit()).isEqualTo(4);
        assertThat(run.out())
                .contains("\"asked\":2,\"undecidable\":1,")
                .contains("\"bySubject\":{\"bob\":{\"denied\":1,\"allowed\":0}}");
    }

    @Test
    void believesWhomTheServerBelievesInAReplay() throws IOException {
        String alice = MANIFESTS.replace(
                "['request.method == \"GET\"', 'request.headers[\"x-team\"] == \"red\"']",
                "['request.headers[\"x-forwarded-user\"] == \"alice\"']");
        String from = write("from.yaml", alice);
        String to = write("to.yaml", alice.replace("alice", "bob"));
        String line = """
                {"request": {"method": "GET", "uri": "http://a.test/v1/x", "sourceAddress": "10.0.0.1",
                 "headers": [["X-Forwarded-User", "alice"]]}}""".replace("\n", "") + "\n";
        String proxied = write("proxied.ndjson", line);

        assertThat(replay(from, to, proxied, "10.0.0.0/8").out()).contains("1 of 1 requests flip");
        assertThat(replay(from, to, proxied, "10.0.0.0/8").exit()).isEqualTo(4);
        assertThat(replay(from, to, proxied, "192.0.2.1").exit())
                .as("nobody trusted says who the user is")
                .isEqualTo(3);
    }

    private static Cli replay(String from, String to, String lines, String trusted) {
        return Cli.run("diff", "--from", from, "--to", to, "--replay", lines, "--trusted-proxies", trusted);
    }

    @Test
    void asksEachSideByItsOwnRoutes() throws IOException {
        String from = write("from.yaml", MANIFESTS);
        String more = MANIFESTS.replace(
                "matches: [{path: {type: PathPrefix, value: /v1}}]",
                "matches: [{path: {type: PathPrefix, value: /v1}}, {path: {type: Exact, value: /health}}]");
        Cli run = Cli.run("diff", "--from", from, "--to", write("to.yaml", more));
        assertThat(run.exit()).isEqualTo(4);
        assertThat(run.out())
                .contains("changed rules[0].matches[1].path.value of HTTPRoute default/chat: none is now /health\n")
                .contains("now allowed GET llm.example.com/health", ": no_route -> allowed\n");
        String open =
                write("open.yaml", MANIFESTS.replace("kind: HTTPRoute, name: chat}", "kind: HTTPRoute, name: other}"));
        assertThat(Cli.run("diff", "--from", from, "--to", open).out())
                .contains("now allowed POST llm.example.com/v1: rule_not_matched -> allowed");
    }

    @Test
    void namesWhatItCannotDecide() throws IOException {
        String from = write("from.yaml", MANIFESTS);
        String to = write(
                "to.yaml",
                MANIFESTS.replace(
                        "request.headers[\"x-team\"] == \"red\"",
                        "sha256.encode(request.headers[\"x-team\"]) == \"00\""));
        String told = "which came out false for all values tried";
        assertThat(Cli.run("diff", "--from", from, "--to", to).out())
                .contains("\nnot decidable: rule of default/guard [", told);
        assertThat(Cli.run("diff", "--from", from, "--to", to, "--format", "json")
                        .out())
                .contains("\"notDecidable\":[\"rule of default/guard [", told);
    }
}
