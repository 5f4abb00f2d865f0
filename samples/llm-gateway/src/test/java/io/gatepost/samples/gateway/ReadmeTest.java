package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.testkit.TestKeyServer;
import io.gatepost.tools.token.TokenIssuer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keeps the README true: its example runs, its policy loads, its error message is the real one. */
class ReadmeTest {
    private Markdown readme = new Markdown(List.of());

    @TempDir
    private Path folder;

    @BeforeEach
    void readReadme() throws Exception {
        readme = Markdown.read("README.md");
    }

    @Test
    void runsTheExample() throws Exception {
        assertThat(example(readme.only("yaml"), "not-a-token")).isEqualTo("401 TOKEN_MALFORMED\n");
    }

    @Test
    void runsTheExampleWhereKeysAreElsewhere() throws Exception {
        Matcher keys = Pattern.compile("\\Qinline: \\E.*").matcher(readme.only("yaml"));
        assertThat(keys.find()).isTrue();
        try (TestKeyServer server = TestKeyServer.start()) {
            TokenIssuer issuer = server.issuer();
            Path file = Files.writeString(folder.resolve("jwks.json"), issuer.jwks());
            String token = issuer.token()
                    .claim("aud", "llm")
                    .claim("email", "a@example.com")
                    .compact();
            for (String source : List.of("file: " + file, "remote: {url: '" + server.jwksUrl() + "'}")) {
                String policy = keys.replaceFirst(Matcher.quoteReplacement(source))
                        .replace("https://id.example.com", issuer.issuer());

                assertThat(example(policy, token)).as(source).isEqualTo("go on, without the credential\n");
            }
        }
    }

    /** What the example prints. */
    private String example(String policies, String token) throws Exception {
        Path source = Files.writeString(folder.resolve("Example.java"), readme.only("java"));
        Path policy = Files.writeString(folder.resolve("policy.yaml"), policies);
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        source.toString(),
                        policy.toString(),
                        token)
                // Newer JDKs warn there of what a library does.
                .redirectError(folder.resolve("warnings").toFile())
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        assertThat(java.waitFor(1, TimeUnit.MINUTES)).as("ends in time").isTrue();
        return Files.readString(folder.resolve("output"));
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
