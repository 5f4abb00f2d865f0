package io.gatepost.policy.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelValue;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A map that the evaluator takes as it is: a plain one it would walk to the bottom each time an expression names it.
 * Values are wrapped when they are asked for.
 */
// What it shows does not change while an expression is evaluated; no one can tell the compiler.
@SuppressWarnings("Immutable")
class MapValue extends CelValue implements Map<Object, Object> {
    private static final CelType TYPE = MapType.create(SimpleType.DYN, SimpleType.DYN);
    private final Map<?, ? extends @Nullable Object> map;

    MapValue(Map<?, ? extends @Nullable Object> map) {
        this.map = map;
    }

    Map<?, ? extends @Nullable Object> raw() {
        return map;
    }

    /** A value in it, as the evaluator wants it. */
    Object wrapped(@Nullable Object value) {
        return Values.toCel(value);
    }

    @Override
    public Object value() {
        return this;
    }

    @Override
    public boolean isZeroValue() {
        return isEmpty();
    }

    @Override
    public CelType celType() {
        return TYPE;
    }

    @Override
    public int size() {
        return map.size();
    }

    @Override
    public boolean isEmpty() {
        return map.isEmpty();
    }

    @Override
    public boolean containsKey(Object key) {
        return map.containsKey(key);
    }

    @Override
    public boolean containsValue(Object value) {
        return values().contains(value);
    }

    @Override
    @SuppressWarnings("NullAway") // Map.get answers null for what is absent.
    public @Nullable Object get(Object key) {
        return containsKey(key) ? wrapped(map.get(key)) : null;
    }

    @Override
    public Set<Object> keySet() {
        return Collections.unmodifiableSet(map.keySet());
    }

    @Override
    public Collection<Object> values() {
        return map.values().stream().map(this::wrapped).toList();
    }

    @Override
    public Set<Entry<Object, Object>> entrySet() {
        return new Entries();
    }

    @Override
    public Object put(Object key, Object value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Object remove(Object key) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void putAll(Map<?, ?> other) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void clear() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Map<?, ?> another
                && size() == another.size()
                && entrySet().stream()
                        .allMatch(entry -> another.containsKey(entry.getKey())
                                && entry.getValue().equals(Values.toCel(another.get(entry.getKey()))));
    }

    @Override
    public int hashCode() {
        return entrySet().hashCode();
    }

    /** Without hashing keys and values once more, which would go to the bottom of each. */
    private final class Entries extends AbstractSet<Entry<Object, Object>> {
        @Override
        public Iterator<Entry<Object, Object>> iterator() {
            Iterator<? extends Entry<?, ? extends @Nullable Object>> entries =
                    map.entrySet().iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return entries.hasNext();
                }

                @Override
                public Entry<Object, Object> next() {
                    Entry<?, ? extends @Nullable Object> entry = entries.next();
                    return Map.entry(entry.getKey(), wrapped(entry.getValue()));
                }
            };
        }

        @Override
        public int size() {
            return map.size();
        }
    }

    /** What is in it may be secret. */
    @Override
    public String toString() {
        return "map of " + size();
    }
}
