package io.gatepost.routes.manifest;

import io.gatepost.policy.document.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;

/**
 * Finds all that the reader asks of a kind of document, by having it read documents that answer one more question each:
 * a map where it asked for a map, a value where several mean something, anything where it looked whether something is
 * there.
 */
final class Exploration {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Shape found = new Shape();
    private final Deque<Map<String, Object>> unread = new ArrayDeque<>();
    private final Set<List<Object>> answered = new HashSet<>();

    private Exploration() {}

    /** @param start a document of the kind, with the least that makes it one */
    static Shape from(Map<String, Object> start) {
        Exploration exploration = new Exploration();
        exploration.unread.add(start);
        while (!exploration.unread.isEmpty()) {
            Map<String, Object> document = exploration.unread.remove();
            Shape shape = ManifestReader.shapeOf(JSON.writeValueAsString(document));
            exploration.found.add(shape);
            exploration.answerAll(document, List.of(), shape);
        }
        return exploration.found;
    }

    private void answerAll(Map<String, Object> document, List<String> at, Shape shape) {
        shape.fields().forEach((name, schema) -> answers(schema).forEach(value -> answer(document, at, name, value)));
        shape.alternatives().forEach(some -> some.names().forEach(name -> answer(document, at, name, Map.of())));
        shape.soughtAfter().forEach(name -> answer(document, at, name, Map.of()));
        shape.maps().forEach((name, map) -> answerAll(document, with(at, name), map));
    }

    private static List<?> answers(Map<String, Object> schema) {
        if (schema.get("enum") instanceof List<?> values) {
            return values;
        }
        return "object".equals(schema.get("type"))
                ? List.of(Map.of())
                : "array".equals(schema.get("type")) ? List.of(List.of(Map.of())) : List.of();
    }

    /** Each answer is tried once; the top of a document is fixed. */
    private void answer(Map<String, Object> document, List<String> at, String name, Object value) {
        if (!at.isEmpty() || value instanceof Map) {
            boolean isNew = !isThere(document, with(at, name)) && answered.add(List.of(at, name, value));
            if (isNew) {
                unread.add(copy(document, at, name, value));
            }
        }
    }

    private static boolean isThere(Map<String, Object> document, List<String> path) {
        Object here = document;
        for (String name : path) {
            Object map = here instanceof List<?> list ? list.get(0) : here;
            if (!(map instanceof Map<?, ?> fields) || !fields.containsKey(name)) {
                return false;
            }
            here = fields.get(name);
        }
        return true;
    }

    /** A copy in which a map, or the only one in a list, has one field more. */
    private static Map<String, Object> copy(Map<?, ?> map, List<String> at, String name, Object value) {
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, old) -> copy.put(String.valueOf(key), old));
        if (at.isEmpty()) {
            copy.put(name, value);
            return copy;
        }
        List<String> rest = at.subList(1, at.size());
        Object inner = copy.get(at.get(0));
        if (inner instanceof List<?> list && list.get(0) instanceof Map<?, ?> only) {
            copy.put(at.get(0), List.of(copy(only, rest, name, value)));
        } else if (inner instanceof Map<?, ?> only) {
            copy.put(at.get(0), copy(only, rest, name, value));
        }
        return copy;
    }

    private static List<String> with(List<String> at, String name) {
        List<String> path = new ArrayList<>(at);
        path.add(name);
        return path;
    }
}
