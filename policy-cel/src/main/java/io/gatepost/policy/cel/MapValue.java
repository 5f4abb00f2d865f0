package io.gatepost.policy.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelValue;
import java.util.Collection;
import java.util.LinkedHashSet;
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
        return containsKey(key) ? Values.toCel(map.get(key)) : null;
    }

    @Override
    public Set<Object> keySet() {
        return new LinkedHashSet<>(map.keySet());
    }

    @Override
    public Collection<Object> values() {
        return map.values().stream().map(Values::toCel).toList();
    }

    @Override
    public Set<Entry<Object, Object>> entrySet() {
        Set<Entry<Object, Object>> entries = new LinkedHashSet<>();
        map.forEach((key, value) -> entries.add(Map.entry(key, Values.toCel(value))));
        return entries;
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
        return other instanceof Map<?, ?> map && entrySet().equals(map.entrySet());
    }

    @Override
    public int hashCode() {
        return entrySet().hashCode();
    }

    /** What is in it may be secret. */
    @Override
    public String toString() {
        return "map of " + size();
    }
}
