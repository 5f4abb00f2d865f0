package io.gatepost.samples.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.samples.gateway.Main;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The schema in yaml-language-server, and what docs/editors.md says of it. */
@Timeout(300)
class EditorIT {
    private static final File FOLDER = new File("target/test-classes/editor");

    @TempDir
    private static Path folder;

    private static String page = "";
    private static String policy = "";

    @BeforeAll
    static void start() throws Exception {
        Tool.run(FOLDER, List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"));
        page = Files.readString(Path.of("..", "..", "docs", "editors.md"));
        policy = block("yaml");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classes = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Files.writeString(
                folder.resolve("gatepost.schema.json"),
                Tool.run(new File("."), List.of(java, "-cp", classes, Main.class.getName(), "schema")));
    }

    private static String block(String language) {
        return Pattern.compile("(?s)```" + language + "\\n(.*?)```")
                .matcher(page)
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
    }

    private static List<String> ask(String text) throws Exception {
        Path file = Files.writeString(folder.resolve("policy.yaml"), text);
        return Tool.run(FOLDER, List.of("node", "ask.mjs", file.toString()))
                .lines()
                .toList();
    }

    @Test
    void offersAndExplainsWhatMayStandThere() throws Exception {
        List<String> said = ask(policy.replace("discovery: true", "discovery: true\n          "));

        assertThat(said).hasSize(3);
        assertThat(said.get(0)).startsWith("hover: ").contains("no request without a valid token");
        assertThat(said.get(1)).isEqualTo("values: Allow Deny Require");
        assertThat(said.get(2)).isEqualTo("fields: audiences jwks requiredClaims tokenType");
    }

    @Test
    void underlinesMistakesAsThePageSays() throws Exception {
        List<String> said = ask(policy.replace("mode: Strict", "mode: Strickt")
                .replace("issuer", "isuer")
                .replace("clockSkew: 30s", "clockSkew: 30"));

        assertThat(said.stream().filter(line -> line.matches("\\d.*")))
                .containsExactlyElementsOf(block("text").lines().toList());
    }
}
