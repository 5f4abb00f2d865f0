package io.gatepost.policy.cel;

import dev.cel.common.exceptions.CelAttributeNotFoundException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.StructType;
import dev.cel.common.values.CelValue;
import dev.cel.common.values.SelectableValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A variable with declared fields, each computed when it is asked for. */
// What it shows does not change while an expression is evaluated; no one can tell the compiler.
@SuppressWarnings("Immutable")
final class StructuredValue extends CelValue implements SelectableValue<String> {
    private final StructType type;
    private final Function<String, @Nullable Object> fields;

    StructuredValue(StructType type, Function<String, @Nullable Object> fields) {
        this.type = type;
        this.fields = fields;
    }

    @Override
    public Object select(String field) {
        return find(field).orElseThrow(() -> CelAttributeNotFoundException.forFieldResolution(field));
    }

    @Override
    public Optional<Object> find(String field) {
        Object value = fields.apply(field);
        return value == null ? Optional.empty() : Optional.of(Values.toCel(value));
    }

    /** The fields that are there. */
    Map<String, Object> present() {
        Map<String, Object> present = new LinkedHashMap<>();
        type.fieldNames().forEach(name -> find(name).ifPresent(value -> present.put(name, value)));
        return present;
    }

    @Override
    public Object value() {
        return this;
    }

    @Override
    public boolean isZeroValue() {
        return false;
    }

    @Override
    public CelType celType() {
        return type;
    }

    @Override
    public String toString() {
        return type.name();
    }
}
