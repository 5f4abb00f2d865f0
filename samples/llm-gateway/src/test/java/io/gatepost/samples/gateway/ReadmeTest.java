package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.model.InvalidPolicyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keeps the README true: its example runs, its policy loads, its error message is the real one. */
class ReadmeTest {
    private Markdown readme = new Markdown(java.util.List.of());

    @TempDir
    private Path folder;

    @BeforeEach
    void readReadme() throws Exception {
        readme = Markdown.read("README.md");
    }

    @Test
    void runsTheExample() throws Exception {
        Path source = Files.writeString(folder.resolve("Example.java"), readme.only("java"));
        Path policy = Files.writeString(folder.resolve("policy.yaml"), readme.only("yaml"));
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        source.toString(),
                        policy.toString(),
                        "not-a-token")
                // Newer JDKs warn there of what a library does.
                .redirectError(folder.resolve("warnings").toFile())
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        assertThat(java.waitFor(1, TimeUnit.MINUTES)).as("ends in time").isTrue();
        assertThat(folder.resolve("output")).hasContent("401 TOKEN_MALFORMED");
    }

    @Test
    void reportsTheMisspellingAsShown() {
        String text = readme.only("yaml").replace("endsWith", "endWith");
        InvalidPolicyException problem = catchThrowableOfType(
                InvalidPolicyException.class,
                () -> PolicyEngine.builder()
                        .policies(PolicyReader.parse("policy.yaml", text))
                        .expressions(new CelExpressionCompiler())
                        .build());
        String shown = readme.blocks().stream()
                .filter(block -> block.text().startsWith("policy.yaml:"))
                .findFirst()
                .orElseThrow()
                .text();
        assertThat(problem.diagnostics()).singleElement().hasToString(shown.strip());
    }
}
