package io.gatepost.policy.document;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Keeps what readers ask of a map, in the words of JSON Schema. Not thread-safe. */
final class ShapeRecorder implements FieldListener {
    private final Map<String, Map<String, Object>> fields = new LinkedHashMap<>();
    private final Map<String, ShapeRecorder> maps = new LinkedHashMap<>();
    private final Set<String> soughtAfter = new LinkedHashSet<>();
    private final Set<String> refused = new LinkedHashSet<>();
    private final Set<String> required = new LinkedHashSet<>();
    private final Set<Shape.Alternatives> alternatives = new LinkedHashSet<>();
    private boolean closed;

    /** What was asked so far. */
    Shape shape() {
        Map<String, Shape> within = new LinkedHashMap<>();
        maps.forEach((name, map) -> within.put(name, map.shape()));
        Set<String> sought = new LinkedHashSet<>(soughtAfter);
        sought.removeAll(refused);
        return new Shape(fields, within, sought, required, alternatives, closed);
    }

    /** Added to what was asked of it before. */
    private void ask(String name, Map<String, ?> schema) {
        fields.computeIfAbsent(name, absent -> new LinkedHashMap<>()).putAll(schema);
    }

    @Override
    public void any(String name) {
        ask(name, Map.of());
    }

    @Override
    public void text(String name, int min, int max) {
        ask(name, Map.of("type", "string", "minLength", min, "maxLength", max));
    }

    @Override
    public void text(String name) {
        ask(name, Map.of("type", "string"));
    }

    @Override
    public void pattern(String name, Pattern pattern, String expected) {
        ask(name, Map.of("pattern", pattern.pattern(), "patternErrorMessage", expected));
    }

    @Override
    public void texts(String name, int min, int max, int maxLength) {
        list(name, min, max, Map.of("type", "string", "minLength", 1, "maxLength", maxLength));
    }

    private void list(String name, int min, int max, Map<String, ?> item) {
        ask(name, Map.of("type", "array", "minItems", min, "maxItems", max, "items", item));
    }

    @Override
    public void integer(String name, int min, int max) {
        ask(name, Map.of("type", "integer", "minimum", min, "maximum", max));
    }

    @Override
    public void flag(String name) {
        ask(name, Map.of("type", "boolean"));
    }

    @Override
    public void meaning(String name, Collection<?> values) {
        ask(name, Map.of("enum", List.copyOf(values)));
    }

    @Override
    public void otherwise(String name, String value) {
        ask(name, Map.of("default", value));
    }

    @Override
    public void map(String name) {
        ask(name, Map.of("type", "object"));
    }

    @Override
    public void maps(String name, int min, int max) {
        list(name, min, max, Map.of("type", "object"));
    }

    @Override
    public FieldListener within(String name) {
        return maps.computeIfAbsent(name, absent -> new ShapeRecorder());
    }

    @Override
    public void seek(String name) {
        soughtAfter.add(name);
    }

    @Override
    public void refuse(String name) {
        refused.add(name);
    }

    @Override
    public void require(List<String> names) {
        required.addAll(names);
    }

    @Override
    public void exclude(List<String> names, boolean mustHaveOne) {
        alternatives.add(new Shape.Alternatives(names, mustHaveOne));
    }

    @Override
    public void close() {
        closed = true;
    }
}
