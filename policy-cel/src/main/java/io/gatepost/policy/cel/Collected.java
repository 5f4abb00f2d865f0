package io.gatepost.policy.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.TypeParamType;
import dev.cel.common.values.OpaqueValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a comprehension has collected so far. The evaluator would copy a list for each element added; it hands this on
 * as it is, which keeps {@code map} and {@code filter} linear. Seen by one evaluation only.
 */
@SuppressWarnings("Immutable")
final class Collected extends OpaqueValue {
    static final String NAME = "gatepost.Collected";
    private final List<Object> list = new ArrayList<>();
    private final Map<Object, Object> map = new LinkedHashMap<>();

    static CelType of(String... parameters) {
        return OpaqueType.create(
                NAME,
                java.util.Arrays.stream(parameters)
                        .<CelType>map(TypeParamType::create)
                        .toArray(CelType[]::new));
    }

    Collected add(Object element) {
        list.add(element);
        return this;
    }

    Collected put(Object key, Object value) {
        map.put(key, value);
        return this;
    }

    ListValue toList() {
        return new ListValue(list);
    }

    MapValue toMap() {
        return new MapValue(map);
    }

    @Override
    public Object value() {
        return this;
    }

    @Override
    public OpaqueType celType() {
        return OpaqueType.create(NAME);
    }

    @Override
    public String toString() {
        return NAME;
    }
}
