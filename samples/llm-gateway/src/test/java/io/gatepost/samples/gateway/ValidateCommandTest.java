package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidateCommandTest {
    private static final String FIVE_MISTAKES = """
            apiVersion: gateway.networking.k8s.io/v1alpha2
            kind: TrafficPolicy
            metadata:
              name: five
            spec:
              targetRefs:
                - group: gateway.networking.k8s.io
                  kind: Gateway
                  name: llm
              traffic:
                jwtAuthentication:
                  mode: Strikt
                  provider: []
                  providers:
                    - issuer: 7
                      jwks: {inline: '{"keys":[]}', remote: {url: "https://id.test/keys"}}
                  authorization:
                    action: Allow
                    policy:
                      matchExpressions: []
            """;

    @TempDir
    private Path folder;

    @Test
    void tellsEveryMistakeAtOnceEachWithItsPlace() throws IOException {
        Path file = write("five.yaml", FIVE_MISTAKES);

        Cli run = Cli.run("validate", "--file", file.toString());

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out().lines().filter(line -> !line.contains("warning:")))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith(file + ":12:13: ").contains("`Strict`"),
                        line -> assertThat(line).startsWith(file + ":13:7: ").contains("`providers`"),
                        line -> assertThat(line).startsWith(file + ":15:19: ").contains("issuer"),
                        line -> assertThat(line).startsWith(file + ":16:").contains("jwks"),
                        line -> assertThat(line).startsWith(file + ":20:29: ").contains("matchExpressions"));
    }

    @Test
    void tellsMistakesInKeysAndExpressions() throws IOException {
        String policy = FIVE_MISTAKES
                .replace("Strikt", "Strict")
                .replace("      provider: []\n", "")
                .replace("issuer: 7", "issuer: i")
                .replace(", remote: {url: \"https://id.test/keys\"}", "")
                .replace("[]\n", "[jwt.sub.endWith('x'), request.metod == 'GET', '']\n");
        Path file = write("two.yaml", policy);

        Cli run = Cli.run("validate", "--file", file.toString());

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out())
                .contains("two.yaml:15:")
                .contains("no key")
                .contains("`endWith`")
                .contains("did you mean `method`?");
    }

    @Test
    void tellsSettingsWithoutEffect() throws IOException {
        Path file = write("idle.yaml", """
                apiVersion: agentgateway.dev/v1alpha1
                kind: AgentgatewayPolicy
                metadata: {name: idle}
                spec:
                  targetRefs: [{group: gateway.networking.k8s.io, kind: ListenerSet, name: set}]
                  strategy: {inheritance: Override}
                  traffic:
                    phase: PreRouting
                    authorization:
                      action: Require
                      onEvaluationError: Ignore
                      policy: {matchExpressions: ['true']}
                """);

        Cli run = Cli.run("validate", "--file", file.toString());

        assertThat(run.exit()).isZero();
        assertThat(run.out().lines())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith(file + ":1:1: warning: ")
                                .contains("ListenerSet"),
                        line -> assertThat(line)
                                .startsWith(file + ":8:12: warning: ")
                                .contains("`Override`"),
                        line -> assertThat(line)
                                .startsWith(file + ":11:7: warning: ")
                                .contains("`onEvaluationError`"));
    }

    @Test
    void passesTheTutorialsManifestsWithAKeySet() throws IOException {
        assertThat(Cli.run("keys", "--out", folder.resolve("keys").toString()).exit())
                .isZero();
        String keys = Files.readString(folder.resolve("keys").resolve("jwks.json"));
        Path manifests = Files.createDirectory(folder.resolve("manifests"));
        for (String name : new String[] {"gateway.yaml", "openai.yaml", "jwt-auth.yaml"}) {
            String text = Files.readString(Path.of("manifests", name));
            Files.writeString(
                    manifests.resolve(name), text.replace("$JWKS", keys.strip()).replace("$OPENAI_API_KEY", "sk-test"));
        }

        Cli run = Cli.run("validate", "--file", manifests.toString());

        assertThat(run.out()).isEmpty();
        assertThat(run.exit()).isZero();
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
