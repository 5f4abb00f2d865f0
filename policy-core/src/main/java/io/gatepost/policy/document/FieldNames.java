package io.gatepost.policy.document;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.document.Node.Entry;
import io.gatepost.policy.document.Node.Mapping;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which fields a map has, must have and must not have, whatever their values are. */
abstract sealed class FieldNames permits Fields {
    final Source source;
    final Mapping map;
    final Findings findings;
    final FieldListener listener;
    private final String path;
    private final Set<String> known = new HashSet<>();

    FieldNames(Source source, Mapping map, String path, Findings findings, FieldListener listener) {
        this.source = source;
        this.map = map;
        this.path = path;
        this.findings = findings;
        this.listener = listener;
    }

    abstract Fields self();

    /** The path of the map itself. */
    String path() {
        return path;
    }

    String pathOf(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /** A field's value, of whatever type; null where there is no such field. From now on the field is known. */
    @Nullable
    Node value(String name) {
        known.add(name);
        Entry entry = map.entries().get(name);
        return entry == null ? null : entry.value();
    }

    /**
     * Where the map is written.
     *
     * @return its first character
     */
    public Origin origin() {
        return source.origin(map.index(), path);
    }

    /**
     * Where a field's value is written.
     *
     * @param name the field
     * @return the value's first character; the map's where it has no such field
     */
    public Origin origin(String name) {
        Entry entry = map.entries().get(name);
        return source.origin(entry == null ? map.index() : entry.value().index(), pathOf(name));
    }

    /**
     * Where a field's name is written.
     *
     * @param name the field
     * @return the name's first character; the map's where it has no such field
     */
    public Origin keyOrigin(String name) {
        Entry entry = map.entries().get(name);
        return source.origin(entry == null ? map.index() : entry.keyIndex(), pathOf(name));
    }

    /** Whether a comment beside a field's value accepts what {@code lint} would find there by this name. */
    boolean isAccepted(String name, String id) {
        Entry entry = map.entries().get(name);
        return entry != null && source.isAccepted(entry.value().index(), id);
    }

    /**
     * Whether a field is there, with or without a value.
     *
     * @param name the field
     * @return true where it is
     */
    public boolean has(String name) {
        known.add(name);
        listener.seek(name);
        return map.entries().containsKey(name);
    }

    /**
     * The names of all fields that are there.
     *
     * @return their names, in the order of the document
     */
    public List<String> names() {
        listener.seek(Shape.ANY_NAME);
        return List.copyOf(map.entries().keySet());
    }

    /**
     * Tells that fields are missing, where they are.
     *
     * @param names the fields
     * @return this
     */
    public Fields require(String... names) {
        listener.require(List.of(names));
        for (String name : names) {
            if (!has(name) && !misspelt(name)) {
                findings.error(source.origin(map.index(), pathOf(name)), "`" + name + "` is required");
            }
        }
        return self();
    }

    /** Tells of a field that is absent because its name is misspelt: one mistake, one line. */
    private boolean misspelt(String name) {
        for (String written : map.entries().keySet()) {
            if (!known.contains(written)
                    && Diagnostic.probablyMeant(written, Set.of(name)).isPresent()) {
                unknown(written, Set.of(name));
                known.add(written);
                return true;
            }
        }
        return false;
    }

    private void unknown(String name, Set<String> meant) {
        findings.error(keyOrigin(name), "unknown field `" + name + "`" + Diagnostic.didYouMean(name, meant));
    }

    /**
     * Tells that several of some fields are there, where only one may be.
     *
     * @param names the fields
     * @return whether one is there, or none
     */
    public boolean atMostOneOf(String... names) {
        listener.exclude(List.of(names), false);
        List<String> present = new ArrayList<>(1);
        for (String name : names) {
            if (has(name)) {
                present.add(name);
            }
        }
        if (present.size() > 1) {
            findings.error(
                    keyOrigin(present.get(1)),
                    "`" + present.get(1) + "` and `" + present.get(0) + "` exclude each other; keep one");
        }
        return present.size() <= 1;
    }

    /**
     * Tells that not exactly one of some fields is there.
     *
     * @param names the fields
     * @return whether exactly one is
     */
    public boolean exactlyOneOf(String... names) {
        listener.exclude(List.of(names), true);
        if (Arrays.stream(names).noneMatch(this::has)) {
            if (Arrays.stream(names).noneMatch(this::misspelt)) {
                findings.error(origin(), "expected one of `" + String.join("`, `", names) + "`");
            }
            return false;
        }
        return atMostOneOf(names);
    }

    /**
     * Tells of fields that agentgateway knows and Gatepost does not enforce.
     *
     * @param names the fields
     * @return this
     */
    public Fields unsupported(String... names) {
        for (String name : names) {
            listener.refuse(name);
            if (has(name)) {
                findings.unsupported(keyOrigin(name), "`" + name + "` is not enforced here; remove it");
            }
        }
        return self();
    }

    /**
     * Tells of fields that belong elsewhere.
     *
     * @param parent the field that they belong under
     * @param names the fields
     * @return this
     */
    public Fields misplaced(String parent, String... names) {
        for (String name : names) {
            listener.refuse(name);
            if (has(name)) {
                findings.error(keyOrigin(name), "unknown field `" + name + "`; it belongs under `" + parent + "`");
            }
        }
        return self();
    }

    /**
     * Passes over fields that say nothing about what is enforced.
     *
     * @param names the fields
     * @return this
     */
    public Fields ignore(String... names) {
        for (String name : names) {
            known.add(name);
            listener.any(name);
        }
        return self();
    }

    /**
     * Says which values of a field mean something, for schemas; to tell of another value stays the caller's part.
     *
     * @param name the field
     * @param values the values
     * @return this
     */
    public Fields meaning(String name, Collection<?> values) {
        listener.meaning(name, values);
        return self();
    }

    /** Tells of the fields that nobody asked for. */
    public void done() {
        listener.close();
        for (String name : map.entries().keySet()) {
            if (!known.contains(name)) {
                unknown(name, known);
            }
        }
    }
}
