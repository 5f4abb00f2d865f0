package io.gatepost.policy.cel;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.CelType;
import dev.cel.common.types.TypeType;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import dev.cel.common.values.OpaqueValue;
import dev.cel.common.values.OptionalValue;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Values on their way into and out of the evaluator. */
final class Values {
    private Values() {}

    /** As the evaluator wants it. Integers beyond 64 bits are doubles, as JSON's are in CEL. */
    static Object toCel(@Nullable Object value) {
        if (value == null) {
            return NullValue.NULL_VALUE;
        }
        if (value instanceof MapValue || value instanceof ListValue) {
            return value;
        }
        if (value instanceof Map<?, ?> map) {
            return new MapValue(map);
        }
        if (value instanceof List<?> list) {
            return new ListValue(list);
        }
        if (value instanceof byte[] bytes) {
            return CelByteString.of(bytes);
        }
        if (value instanceof Integer number) {
            return number.longValue();
        }
        if (value instanceof Float number) {
            return number.doubleValue();
        }
        if (value instanceof BigInteger number) {
            return number.signum() >= 0 && number.bitLength() <= 64
                    ? (Object) UnsignedLong.valueOf(number)
                    : number.doubleValue();
        }
        return value;
    }

    /** As {@code CompiledExpression.evaluate} promises. */
    static @Nullable Object toJava(Object value) {
        if (value instanceof NullValue) {
            return null;
        }
        if (value instanceof UnsignedLong number) {
            return number.bigIntegerValue();
        }
        if (value instanceof CelByteString bytes) {
            return bytes.toByteArray();
        }
        if (value instanceof Map<?, ?> map) {
            Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
            map.forEach((key, element) -> copy.put(toJava(key), toJava(element)));
            return copy;
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> copy = new ArrayList<>();
            list.forEach(element -> copy.add(toJava(element)));
            return copy;
        }
        return value instanceof Optional<?> optional
                ? optional.map(Values::toJava).orElse(null)
                : name(value);
    }

    private static @Nullable Object name(Object value) {
        if (value instanceof OptionalValue<?, ?> optional) {
            return optional.isZeroValue() ? null : toJava(optional.value());
        }
        if (value instanceof TypeType type) {
            return type.parameters().isEmpty()
                    ? "type"
                    : type.parameters().get(0).name();
        }
        if (value instanceof CelType type) {
            return type.name();
        }
        return value instanceof OpaqueValue opaque ? opaque.value() : value;
    }
}
