package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.gatepost.policy.cel.Catalogue;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Keeps docs/editors.md true; what yaml-language-server makes of it is tested beside the clients. */
class EditorsPageTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    private Path folder;

    private Markdown page = new Markdown(List.of());
    private Path policies = Path.of("");

    @BeforeEach
    void readPage() throws IOException {
        page = Markdown.read("docs/editors.md");
        policies = Files.createDirectory(folder.resolve("policies"));
    }

    private Stream<String> blocks(String language) {
        return page.blocks().stream()
                .filter(block -> block.language().equals(language))
                .map(Markdown.Block::text);
    }

    private void writePolicy(String from, String to) throws IOException {
        String policy = blocks("yaml").findFirst().orElseThrow();
        assertThat(policy).contains(from);
        Files.writeString(policies.resolve("chat.yaml"), policy.replace(from, to));
    }

    private Cli run(String command) {
        return Cli.run(command.replace("--file policies", "--file " + policies).split(" +"));
    }

    @Test
    void runsTheCommandsOfThePage() {
        List<String> commands = blocks("bash").flatMap(String::lines).toList();

        assertThat(commands).hasSize(3).allSatisfy(command -> {
            Cli run = run(command.replaceFirst("^llm-gateway ", "").replaceFirst(" > .*", ""));
            assertThat(run.exit()).as(run.err()).isZero();
            assertThat(run.out()).hasSizeGreaterThan(1000);
        });
    }

    @Test
    void namesTheSchemaInTheFileAndInTheSettings() {
        assertThat(blocks("yaml").findFirst())
                .get()
                .asString()
                .startsWith("# yaml-language-server: $schema=gatepost.schema.json\n");
        assertThat(JSON.readTree(page.only("json"))
                        .at("/yaml.schemas/.~1gatepost.schema.json")
                        .get(0)
                        .asString())
                .isEqualTo("policies/**/*.yaml");
    }

    @Test
    void printsTheWholeCatalogue() {
        JsonNode json = JSON.readTree(run("schema --expressions json").out());

        assertThat(json.size()).isEqualTo(Catalogue.entries().size());
        assertThat(json.get(0).path("kind").asString()).isEqualTo("variable");
        assertThat(run("schema --expressions text").out())
                .contains(
                        "s.endsWith(p): bool\n    string.endsWith(string): bool\n    jwt.email.endsWith(\"@example.com\") -> true\n");
    }

    @Test
    void validatesThePolicyAndItsMistakeAsShown() throws IOException {
        writePolicy("Strict", "Strict");
        assertThat(run("validate --file policies").exit()).isZero();

        writePolicy("Strict", "Strickt");
        Cli run = run("validate --file policies --format github");

        assertThat(run.out().replace(policies.toString(), "policies"))
                .contains(blocks("text").skip(1).findFirst().orElseThrow().strip());
    }

    /** The commands of the workflow are those of the command line. */
    @ParameterizedTest
    @ValueSource(strings = {"validate", "lint"})
    void writesSarifByTheWorkflowThatOasisWouldTake(String verb) throws IOException {
        String workflow = blocks("yaml").skip(1).findFirst().orElseThrow();
        String command = Pattern.compile("llm-gateway\\.jar (" + verb + " .*?)(?: >.*)?\\n")
                .matcher(workflow)
                .results()
                .findFirst()
                .orElseThrow()
                .group(1)
                .replace("--format github", "--format sarif");
        writePolicy("Strict", verb.equals("validate") ? "Strickt" : "Strict");

        JsonNode log = JSON.readTree(run(command).out());

        assertThat(log.at("/runs/0/results")).isNotEmpty();
        assertThat(sarif().validate(log)).isEmpty();
        assertThat(sarif().validate(JSON.readTree("{\"version\": \"2.1.0\", \"runs\": [{\"results\": []}]}")))
                .as("what is not SARIF")
                .isNotEmpty();
    }

    private static Schema sarif() throws IOException {
        try (InputStream schema = EditorsPageTest.class.getResourceAsStream("/schema/sarif-schema-2.1.0.json")) {
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
                    .getSchema(JSON.readTree(Objects.requireNonNull(schema)));
        }
    }
}
