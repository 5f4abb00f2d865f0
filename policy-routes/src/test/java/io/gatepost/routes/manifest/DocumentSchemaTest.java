package io.gatepost.routes.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.gatepost.policy.cel.LinearRegex;
import io.gatepost.policy.diagnostic.Diagnostic.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** An editor with the schema and the reader agree on documents. */
class DocumentSchemaTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Schema SCHEMA = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
            .getSchema(JSON.<JsonNode>valueToTree(DocumentSchema.generate()));
    private static final String POLICY = """
            {"apiVersion": "agentgateway.dev/v1alpha1", "kind": "AgentgatewayPolicy", "metadata": {"name": "chat"}, "spec": {
              "targetRefs": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "chat"}],
              "traffic": {
                "jwtAuthentication": {"mode": "Strict", "providers": [
                  {"issuer": "https://idp.example.com", "audiences": ["llm"], "clockSkew": "30s", "discovery": true}]},
                "authorization": {"action": "Allow", "policy": {"matchExpressions": ["jwt.sub == 'alice'"]}}}}}
            """;

    private static List<JsonNode> examples = List.of();

    @TempDir
    private Path folder;

    @BeforeAll
    static void collect() throws IOException {
        examples = Examples.documents();
    }

    /** What is wrong with a policy in shadow is a warning, and an editor's error all the same. */
    private boolean loads(JsonNode document) throws IOException {
        Path file = Files.writeString(folder.resolve("document.json"), JSON.writeValueAsString(document));
        return Manifests.read(List.of(file), Severity.ERROR, name -> "value", LinearRegex::of).diagnostics().stream()
                .noneMatch(found -> found.isError() || found.message().contains("nothing is reported of it"));
    }

    private static boolean isValid(JsonNode document) {
        return SCHEMA.validate(document).isEmpty();
    }

    @Test
    void takesEveryExampleThatLoads() throws IOException {
        int loading = 0;
        for (JsonNode example : examples) {
            if (loads(example)) {
                loading++;
                assertThat(SCHEMA.validate(example)).as(example.toString()).isEmpty();
            }
        }
        assertThat(loading).as("examples that load").isGreaterThan(20);
    }

    @Test
    void takesAnExampleWithoutAFieldThatMayBeAbsent() throws IOException {
        for (JsonNode changed : changed(Change.REMOVED)) {
            if (loads(changed)) {
                assertThat(SCHEMA.validate(changed)).as(changed.toString()).isEmpty();
            }
        }
    }

    @Test
    void refusesMisspeltFieldsOfExamples() throws IOException {
        agreesOn(Change.MISSPELT);
    }

    @Test
    void refusesValuesOfOtherTypesInExamples() throws IOException {
        agreesOn(Change.MISTYPED);
    }

    private void agreesOn(Change change) throws IOException {
        for (JsonNode changed : changed(change)) {
            assertThat(isValid(changed)).as(changed.toString()).isEqualTo(loads(changed));
        }
    }

    private List<JsonNode> changed(Change change) throws IOException {
        Stream.Builder<JsonNode> all = Stream.builder();
        for (JsonNode example : examples) {
            if (loads(example)) {
                change.each(example).forEach(all);
            }
        }
        List<JsonNode> distinct = all.build().distinct().toList();
        assertThat(distinct).hasSizeGreaterThan(200);
        return distinct;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"mode\": \"Strict\"|\"mode\": \"Strickt\"",
                "\"mode\": \"Strict\"|\"mode\": \"strict\"",
                "\"mode\"|\"mod\"",
                "\"action\": \"Allow\"|\"action\": \"Permit\"",
                "\"action\": \"Allow\"|\"action\": true",
                "\"action\"|\"actions\"",
                "[\"jwt.sub == 'alice'\"]|\"jwt.sub == 'alice'\"",
                "[\"jwt.sub == 'alice'\"]|[]",
                "[\"jwt.sub == 'alice'\"]|[true]",
                "\"matchExpressions\"|\"matchExpression\"",
                "\"audiences\": [\"llm\"]|\"audiences\": \"llm\"",
                "\"clockSkew\": \"30s\"|\"clockSkew\": 30",
                "\"clockSkew\": \"30s\"|\"clockSkew\": \"30 s\"",
                "\"discovery\": true|\"discovery\": false",
                "\"discovery\": true|\"discovery\": true, \"jwks\": {\"inline\": \"{}\"}",
                ", \"discovery\": true|``",
                "\"issuer\"|\"isuer\"",
                "\"kind\": \"HTTPRoute\"|\"kind\": \"HttpRoute\"",
                "\"targetRefs\"|\"targetRef\"",
                "\"traffic\": {|\"traffic\": {\"rateLimit\": {},",
                "\"traffic\": {|\"traffic\": null, \"x\": {",
                "\"name\": \"chat\"}, \"spec\"|\"nam\": \"chat\"}, \"spec\"",
                "agentgateway.dev/v1alpha1|agentgateway.dev/v1",
                "\"kind\": \"AgentgatewayPolicy\"|\"kind\": \"TrafficPolicy\"",
                "\"kind\": \"AgentgatewayPolicy\",|``",
            })
    void refusesWhatTheReaderRefuses(String written, String mistake) throws IOException {
        assertThat(POLICY).contains(written);
        JsonNode sound = JSON.readTree(POLICY);
        JsonNode wrong = JSON.readTree(POLICY.replace(written, mistake));

        assertThat(loads(sound) && isValid(sound)).as("without the mistake").isTrue();
        assertThat(loads(wrong)).as("loads").isFalse();
        assertThat(isValid(wrong)).as("is valid").isFalse();
    }

    @Test
    void describesEachFieldAndNoOther() {
        FieldDescriptions descriptions = new FieldDescriptions();

        DocumentSchema.generate(descriptions);

        assertThat(descriptions.missing()).isEmpty();
        assertThat(descriptions.unused()).isEmpty();
    }

    @Test
    void isItselfValidAndAlwaysTheSame() throws IOException {
        String schema = JSON.writeValueAsString(DocumentSchema.generate());

        assertThat(JSON.writeValueAsString(DocumentSchema.generate())).isEqualTo(schema);
        assertThat(SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
                        .getSchema(SchemaLocation.of("http://json-schema.org/draft-07/schema#"))
                        .validate(JSON.readTree(schema)))
                .isEmpty();
        assertThat(schema).as("no pattern that only Java reads").doesNotContain("\\\\p{", "\\\\P{", "(?i)", "\\\\h");
    }

    /** A small mistake, or none, in one place of a document. */
    private enum Change {
        REMOVED,
        MISSPELT,
        MISTYPED;

        List<JsonNode> each(JsonNode document) {
            Stream.Builder<JsonNode> changed = Stream.builder();
            each(document, document, "", changed);
            return changed.build().toList();
        }

        private void each(JsonNode document, JsonNode here, String path, Stream.Builder<JsonNode> changed) {
            for (Map.Entry<String, JsonNode> entry : here.properties()) {
                String pointer = path + "/" + entry.getKey().replace("~", "~0").replace("/", "~1");
                // Kubernetes has maps only; the reader looks at one annotation and leaves the rest alone.
                if (!pointer.equals("/metadata/annotations") || this != MISTYPED) {
                    changed.add(apply(document.deepCopy(), path, entry.getKey()));
                }
                each(document, entry.getValue(), pointer, changed);
            }
            for (int i = 0; here.isArray() && i < here.size(); i++) {
                each(document, here.get(i), path + "/" + i, changed);
            }
        }

        private JsonNode apply(JsonNode document, String path, String name) {
            ObjectNode map = (ObjectNode) (path.isEmpty() ? document : document.at(path));
            JsonNode value = map.remove(name);
            if (this == MISSPELT) {
                map.set(name + "q", value);
            } else if (this == MISTYPED) {
                map.set(name, value.isString() ? JSON.valueToTree(7) : JSON.valueToTree("text"));
            }
            return document;
        }
    }
}
