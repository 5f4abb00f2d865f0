package io.gatepost.policy.document;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What readers ask of a map, and so what they accept there: written by {@link Fields} while it is asked. From it come
 * schemas that can't differ from what is read. Not thread-safe.
 */
public final class Shape {
    /** Stands for every name, where a reader takes fields of any name. */
    public static final String ANY_NAME = "*";

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

    private final Map<String, Map<String, Object>> fields = new LinkedHashMap<>();
    private final Map<String, Shape> maps = new LinkedHashMap<>();
    private final Set<String> soughtAfter = new LinkedHashSet<>();
    private final Set<String> refused = new LinkedHashSet<>();
    private final Set<String> required = new LinkedHashSet<>();
    private final Set<Alternatives> alternatives = new LinkedHashSet<>();
    private boolean closed;

    /** Of a map of which nothing has been asked. */
    public Shape() {}

    /** @param schema what is asked of it, added to what was asked before */
    void ask(String name, Map<String, ?> schema) {
        fields.computeIfAbsent(name, absent -> new LinkedHashMap<>()).putAll(schema);
    }

    /** The shape of a field's map, or of the maps in its list. */
    Shape map(String name) {
        return maps.computeIfAbsent(name, absent -> new Shape());
    }

    void seek(String name) {
        soughtAfter.add(name);
    }

    void refuse(String name) {
        refused.add(name);
    }

    void require(List<String> names) {
        required.addAll(names);
    }

    void exclude(Alternatives names) {
        alternatives.add(names);
    }

    void close() {
        closed = true;
    }

    /**
     * Adds what was asked of a map of the same place in another document. What is demanded of one and not of the other
     * depends on something, and is left out.
     *
     * @param other its shape
     */
    public void add(Shape other) {
        boolean first = fields.isEmpty() && !closed;
        if (first) {
            required.addAll(other.required);
            alternatives.addAll(other.alternatives);
        } else if (!other.fields.isEmpty() || other.closed) {
            required.retainAll(other.required);
            alternatives.retainAll(other.alternatives);
        }
        other.fields.forEach(this::ask);
        other.maps.forEach((name, map) -> map(name).add(map));
        soughtAfter.addAll(other.soughtAfter);
        refused.addAll(other.refused);
        closed |= other.closed;
    }

    /**
     * The fields that are read, or passed over without a word.
     *
     * @return what is accepted of each, in the words of JSON Schema; nothing where that is anything
     */
    public Map<String, Map<String, Object>> fields() {
        return Collections.unmodifiableMap(fields);
    }

    /**
     * The maps in it.
     *
     * @return the shapes by the names of the fields that hold the maps or the lists of them
     */
    public Map<String, Shape> maps() {
        return Collections.unmodifiableMap(maps);
    }

    /**
     * What a reader has looked for: on such a field it may depend what it asks next.
     *
     * @return the names, without those that it refuses
     */
    public List<String> soughtAfter() {
        List<String> names = new ArrayList<>(soughtAfter);
        names.removeAll(refused);
        return names;
    }

    /**
     * The fields that must be there.
     *
     * @return their names
     */
    public Set<String> required() {
        return Collections.unmodifiableSet(required);
    }

    /**
     * The fields that exclude each other.
     *
     * @return each group of them
     */
    public Set<Alternatives> alternatives() {
        return Collections.unmodifiableSet(alternatives);
    }

    /**
     * Whether other fields are refused.
     *
     * @return false where they are left alone
     */
    public boolean isClosed() {
        return closed;
    }
}
