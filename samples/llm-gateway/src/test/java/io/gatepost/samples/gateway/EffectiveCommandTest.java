package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EffectiveCommandTest {
    private static final String MANIFESTS = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: gw}
            spec:
              gatewayClassName: agentgateway
              listeners: [{name: inner, protocol: HTTP, port: 80}, {name: outer, protocol: HTTP, port: 81}]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: r}
            spec:
              parentRefs: [{name: gw, sectionName: inner}]
              rules: [{name: chat}, {}]
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: before}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: gw, sectionName: outer}]
              traffic:
                phase: PreRouting
                authorization: {policy: {matchExpressions: ['request.method == "GET"']}}
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: chatting}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: r, sectionName: chat}]
              traffic:
                authorization:
                  action: Deny
                  onEvaluationError: Ignore
                  policy: {matchExpressions: ['request.method == "PUT"']}
            """;

    @TempDir
    private Path folder;

    @Test
    void printsWhatGuardsEachListenerAndEachRuleOfEachRoute() throws IOException {
        Path file = Files.writeString(folder.resolve("m.yaml"), MANIFESTS);

        Cli run = Cli.run("effective", "--file", folder.toString());

        assertThat(run.exit()).isZero();
        assertThat(run.out().replace(file.toString(), "m.yaml")).isEqualTo("""
                Gateway default/gw, listener inner, before routing
                  no policy applies
                HTTPRoute default/r, rule chat, on Gateway default/gw, listener inner
                  m.yaml:33:36: Deny `request.method == "PUT"` of default/chatting, errors ignored
                HTTPRoute default/r, rule rules[1], on Gateway default/gw, listener inner
                  no policy applies
                Gateway default/gw, listener outer, before routing
                  m.yaml:22:50: Allow `request.method == "GET"` of default/before
                """);
    }

    @Test
    void refusesManifestsThatCanNotBeServed() throws IOException {
        Path file = Files.writeString(folder.resolve("m.yaml"), MANIFESTS.replace("action: Deny", "action: Deni"));

        Cli run = Cli.run("effective", "--file", folder.toString());

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith(file + ":31:15: ");
    }
}
