package io.gatepost.routes.manifest;

import io.gatepost.policy.document.PolicyReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The JSON Schema (draft 7) of the documents that are read. It is made of what the reader itself asks of documents of
 * each kind, so that both know the same fields.
 */
public final class DocumentSchema {
    private static final String BACKEND_POLICY = "AgentgatewayPolicy-of-backends";
    private static final String OTHER = "Other";

    private final ShapeSchema shapes;
    private final Map<String, Object> definitions = new LinkedHashMap<>();
    private final List<Map<String, Object>> conditions = new ArrayList<>();

    private DocumentSchema(FieldDescriptions descriptions) {
        shapes = new ShapeSchema(descriptions);
    }

    /**
     * The schema.
     *
     * @return it as JSON has it, to be written
     */
    public static Map<String, Object> generate() {
        return generate(new FieldDescriptions());
    }

    static Map<String, Object> generate(FieldDescriptions descriptions) {
        return new DocumentSchema(descriptions).schema();
    }

    private Map<String, Object> schema() {
        new TreeMap<>(PolicyReader.apiVersions()).forEach(this::policy);
        for (Kind kind : Kind.values()) {
            manifest(kind);
        }
        define("List", start("v1", "List"));
        define(OTHER, start("example.com/v1", OTHER));
        Map<String, Object> isList = Map.of("kind", Map.of("const", "List"), "apiVersion", Map.of("const", "v1"));
        conditions.add(condition(isList, reference("List"), reference(OTHER)));
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "http://json-schema.org/draft-07/schema#");
        schema.put("title", "Gatepost's policies and the manifests around them");
        schema.put("type", "object");
        schema.put("required", List.of("apiVersion", "kind"));
        schema.put(
                "properties",
                Map.of("kind", Map.of("anyOf", List.of(Map.of("enum", kinds()), Map.of("type", "string")))));
        schema.put("allOf", conditions);
        schema.put("definitions", definitions);
        return schema;
    }

    /** What an editor offers; others are passed over. */
    private List<String> kinds() {
        return definitions.keySet().stream()
                .filter(name -> name.matches("[A-Z]\\w+") && !name.equals(OTHER))
                .toList();
    }

    private void policy(String kind, String apiVersion) {
        define(kind, start(apiVersion, kind));
        Map<String, Object> policy = reference(kind);
        if (kind.equals("AgentgatewayPolicy")) {
            Map<String, Object> ofBackend = new LinkedHashMap<>(start(apiVersion, kind));
            ofBackend.put("spec", Map.of("backend", Map.of()));
            define(BACKEND_POLICY, ofBackend);
            Map<String, Object> spec = new TreeMap<>(
                    Map.of("required", List.of("backend"), "not", Map.of("required", List.of("traffic"))));
            policy = condition(Map.of("spec", spec), reference(BACKEND_POLICY), policy);
        }
        conditions.add(
                condition(Map.of("kind", Map.of("const", kind)), versioned(Map.of("const", apiVersion), policy), null));
    }

    /** A kind of another group's is another kind. */
    private void manifest(Kind kind) {
        define(kind.written(), start(kind.versions().get(0), kind.written()));
        String group = kind.group().isEmpty() ? "^[^/]*$" : "^" + kind.group().replace(".", "\\.") + "/";
        Map<String, Object> then = reference(kind.written());
        conditions.add(condition(
                Map.of("kind", Map.of("const", kind.written()), "apiVersion", Map.of("pattern", group)),
                versioned(Map.of("enum", kind.versions()), then),
                null));
    }

    private static Map<String, Object> versioned(Map<String, ?> apiVersion, Map<String, Object> document) {
        return Map.of("allOf", List.of(Map.of("properties", Map.of("apiVersion", apiVersion)), document));
    }

    private void define(String name, Map<String, Object> start) {
        definitions.put(name, shapes.of(Exploration.from(start), String.valueOf(start.get("kind"))));
    }

    private static Map<String, Object> start(String apiVersion, String kind) {
        return Map.of("apiVersion", apiVersion, "kind", kind);
    }

    private static Map<String, Object> reference(String definition) {
        return Map.of("$ref", "#/definitions/" + definition);
    }

    /** @param properties what a document must have, for the first schema to hold, and otherwise the second */
    private static Map<String, Object> condition(
            Map<String, ?> properties, Map<String, ?> then, @Nullable Map<String, ?> otherwise) {
        Map<String, Object> condition = new LinkedHashMap<>();
        condition.put(
                "if",
                new TreeMap<>(Map.of(
                        "required",
                        properties.keySet().stream().sorted().toList(),
                        "properties",
                        new TreeMap<>(properties))));
        condition.put("then", then);
        if (otherwise != null) {
            condition.put("else", otherwise);
        }
        return condition;
    }
}
