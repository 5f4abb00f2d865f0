package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LintCommandTest {
    private static final String DENY = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: chat}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: chat}]
              traffic:
                authorization:
                  action: Deny
                  policy:
                    matchExpressions:
                    - request.path == "/admin"
            """;

    @TempDir
    private Path folder;

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("policy.yaml"), text);
    }

    @Test
    void tellsWhatItFindsWithItsPlaceAndCure() throws IOException {
        Path file = write(DENY);

        Cli run = Cli.run("lint", "--file", file.toString());

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out())
                .contains(file + ":11:11: info: `request.path == \"/admin\"` says nothing of")
                .contains("(exact-path-denied)\n    deny the prefix")
                .contains("(deny-without-allow)")
                .contains("HTTPRoute `default/chat` is not in these files", "(dangling-reference)");
    }

    @Test
    void failsFromTheLevelOnThatIsAskedFor() throws IOException {
        String file = write(DENY).toString();

        assertThat(Cli.run("lint", "--file", file, "--fail-on", "error").exit()).isZero();
        assertThat(Cli.run("lint", "--file", file, "--fail-on", "info").exit()).isEqualTo(1);
        assertThat(Cli.run("lint", "--file", file, "--fail-on", "never").exit()).isZero();
    }

    @Test
    void doesNotPassOverWhatDoesNotLoad() throws IOException {
        Cli run = Cli.run("lint", "--file", write(DENY.replace("Deny", "Denny")).toString());

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out()).contains("(invalid-document)");
    }

    @Test
    void writesDiagnosticsForMachines() throws IOException {
        String file = write(DENY.replace("Deny", "Denny")).toString();

        assertThat(Cli.run("validate", "--file", file, "--format", "github").out())
                .contains("::error file=" + file + ",line=8,col=15,title=invalid-document::");
        assertThat(Cli.run("validate", "--file", file, "--format", "sarif").out())
                .contains("\"ruleId\" : \"invalid-document\"");
        assertThat(Cli.run("validate", "--file", file, "--format", "json").exit())
                .isEqualTo(1);
    }
}
