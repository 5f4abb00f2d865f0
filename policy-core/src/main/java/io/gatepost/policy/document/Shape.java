package io.gatepost.policy.document;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What readers ask of a map, and so what they accept there. {@link #asked} makes it by listening to a reader, so that a
 * schema made of it can't differ from what is read. Immutable; everything in it is in the order of the questions.
 *
 * @param fields the fields that are read, or passed over without a word; what is accepted of each, in the words of JSON
 *     Schema; nothing where that is anything
 * @param maps the shapes of the maps in it, by the names of the fields that hold the maps or the lists of them
 * @param soughtAfter the fields that a reader has looked for, without those that it refuses: on such a field may depend
 *     what it asks next
 * @param required the fields that must be there
 * @param alternatives each group of fields that exclude each other
 * @param isClosed whether other fields are refused; false where they are left alone
 */
public record Shape(
        Map<String, Map<String, Object>> fields,
        Map<String, Shape> maps,
        Set<String> soughtAfter,
        Set<String> required,
        Set<Alternatives> alternatives,
        boolean isClosed) {
    /** Stands for every name, where a reader takes fields of any name. */
    public static final String ANY_NAME = "*";

    /** Of a map of which nothing has been asked. */
    public static final Shape NOTHING_ASKED = new Shape(Map.of(), Map.of(), Set.of(), Set.of(), Set.of(), false);

    /**
     * Fields that exclude each other.
     *
     * @param names their names
     * @param required whether one of them must be there
     */
    public record Alternatives(List<String> names, boolean required) {
        public Alternatives {
            names = List.copyOf(names);
        }
    }

    public Shape {
        Map<String, Map<String, Object>> schemas = new LinkedHashMap<>();
        fields.forEach((name, schema) -> schemas.put(name, Map.copyOf(schema)));
        fields = Collections.unmodifiableMap(schemas);
        maps = Collections.unmodifiableMap(new LinkedHashMap<>(maps));
        soughtAfter = Collections.unmodifiableSet(new LinkedHashSet<>(soughtAfter));
        required = Collections.unmodifiableSet(new LinkedHashSet<>(required));
        alternatives = Collections.unmodifiableSet(new LinkedHashSet<>(alternatives));
    }

    /**
     * Listens to a reader.
     *
     * @param findings where problems of the documents go
     * @param reading reads documents with what it is given, and all that it wants of their fields
     * @return what was asked of the top level of the documents
     */
    public static Shape asked(Findings findings, Consumer<Documents> reading) {
        ShapeRecorder recorder = new ShapeRecorder();
        reading.accept(new Documents(findings, recorder));
        return recorder.shape();
    }

    /**
     * Adds what was asked of a map of the same place in another document. What is demanded of one and not of the other
     * depends on something, and is left out.
     *
     * @param other its shape
     * @return what was asked of either
     */
    public Shape and(Shape other) {
        Map<String, Map<String, Object>> allFields = new LinkedHashMap<>();
        fields.forEach((name, schema) -> allFields.put(name, new LinkedHashMap<>(schema)));
        other.fields.forEach((name, schema) ->
                allFields.computeIfAbsent(name, absent -> new LinkedHashMap<>()).putAll(schema));
        Map<String, Shape> allMaps = new LinkedHashMap<>(maps);
        other.maps.forEach((name, map) -> allMaps.merge(name, map, Shape::and));
        return new Shape(
                allFields,
                allMaps,
                union(soughtAfter, other.soughtAfter),
                demanded(other, required, other.required),
                demanded(other, alternatives, other.alternatives),
                isClosed || other.isClosed);
    }

    private <T> Set<T> demanded(Shape other, Set<T> here, Set<T> there) {
        if (isUnasked()) {
            return union(here, there);
        }
        Set<T> both = new LinkedHashSet<>(here);
        if (!other.isUnasked()) {
            both.retainAll(there);
        }
        return both;
    }

    private boolean isUnasked() {
        return fields.isEmpty() && !isClosed;
    }

    private static <T> Set<T> union(Set<T> some, Set<T> others) {
        Set<T> all = new LinkedHashSet<>(some);
        all.addAll(others);
        return all;
    }
}
