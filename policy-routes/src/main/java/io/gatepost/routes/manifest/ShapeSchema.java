package io.gatepost.routes.manifest;

import io.gatepost.policy.document.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Writes shapes as JSON Schemas (draft 7), with a description for each field. */
final class ShapeSchema {
    /** In this order, so that the same schema is the same text. */
    private static final List<String> COPIED = List.of(
            "type",
            "enum",
            "default",
            "minLength",
            "maxLength",
            "pattern",
            "patternErrorMessage",
            "minimum",
            "maximum",
            "minItems",
            "maxItems");

    private static final Set<String> NEEDLESS_BESIDE_ENUM = Set.of("minLength", "maxLength", "minimum", "maximum");

    private final FieldDescriptions descriptions;

    ShapeSchema(FieldDescriptions descriptions) {
        this.descriptions = descriptions;
    }

    /** @param path the kind, and the fields that lead to the map */
    Map<String, Object> of(Shape shape, String path) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        Map<String, Object> properties = new LinkedHashMap<>();
        shape.fields().forEach((name, asked) -> {
            if (name.equals(Shape.ANY_NAME)) {
                schema.put("additionalProperties", field(shape, name, asked, path));
            } else {
                properties.put(name, field(shape, name, asked, path + "." + name));
            }
        });
        Set<String> required = new TreeSet<>(shape.required());
        List<Map<String, Object>> conditions = new ArrayList<>();
        for (Shape.Alternatives some : shape.alternatives()) {
            List<String> names =
                    some.names().stream().filter(properties::containsKey).toList();
            if (some.required() && names.size() == 1) {
                required.addAll(names);
            } else {
                conditions.addAll(conditions(names, some.required()));
            }
        }
        if (!required.isEmpty()) {
            schema.put("required", required);
        }
        if (!conditions.isEmpty()) {
            schema.put("allOf", conditions);
        }
        if (!properties.isEmpty()) {
            schema.put("properties", properties);
        }
        if (shape.isClosed()) {
            schema.putIfAbsent("additionalProperties", false);
        }
        return schema;
    }

    private static List<Map<String, Object>> conditions(List<String> names, boolean required) {
        List<Map<String, Object>> conditions = new ArrayList<>();
        if (required) {
            conditions.add(Map.of(
                    "anyOf",
                    names.stream()
                            .map(name -> Map.of("required", List.of(name)))
                            .toList()));
        }
        for (int i = 0; i < names.size(); i++) {
            for (String other : names.subList(i + 1, names.size())) {
                conditions.add(Map.of("not", Map.of("required", List.of(names.get(i), other))));
            }
        }
        return conditions;
    }

    private Map<String, Object> field(Shape shape, String name, Map<String, Object> asked, String path) {
        Shape map = shape.maps().get(name);
        Map<String, Object> schema = new LinkedHashMap<>();
        if (!name.equals(Shape.ANY_NAME)) {
            schema.put("description", descriptions.of(path));
        }
        copy(asked, schema);
        boolean list = "array".equals(asked.get("type"));
        if (list) {
            schema.put("items", items(asked.get("items"), map, path));
        } else if (map != null) {
            schema.putAll(of(map, path));
        }
        return schema;
    }

    private Map<String, Object> items(@Nullable Object item, @Nullable Shape map, String path) {
        if (path.equals("List.items")) {
            return Map.of("$ref", "#");
        }
        if (map != null) {
            return of(map, path + "[]");
        }
        Map<String, Object> schema = new LinkedHashMap<>();
        if (item instanceof Map<?, ?> asked) {
            copy(asked, schema);
        }
        return schema;
    }

    /** What is asked of a value, in the words that JSON Schema has for it too. */
    private static void copy(Map<?, ?> asked, Map<String, Object> schema) {
        for (String keyword : COPIED) {
            Object value = asked.get(keyword);
            boolean needless = asked.containsKey("enum") && NEEDLESS_BESIDE_ENUM.contains(keyword);
            if (value != null && !needless) {
                schema.put(keyword, keyword.equals("pattern") ? portable(value.toString()) : value);
            }
        }
    }

    /** A pattern of Java for the whole text, as ECMAScript has it. */
    private static String portable(String pattern) {
        return "^(?:"
                + pattern.replace("\\P{Cntrl}", "[^\\u0000-\\u001f\\u007f]")
                        .replace("\\p{Cntrl}", "\\u0000-\\u001f\\u007f")
                + ")$";
    }
}
