package io.gatepost.policy.cel;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.TypeType;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import dev.cel.common.values.OpaqueValue;
import dev.cel.common.values.OptionalValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Values on their way into and out of the evaluator, and what functions ask of any two. */
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
        Evaluation.limit(count(value, CelLimits.RESULT_SIZE + 1L));
        return unwrapped(value);
    }

    private static @Nullable Object unwrapped(@Nullable Object value) {
        if (value == null || value instanceof NullValue) {
            return null;
        }
        if (value instanceof UnsignedLong number) {
            return number.bigIntegerValue();
        }
        if (value instanceof CelByteString bytes) {
            return bytes.toByteArray();
        }
        if (value instanceof StructuredValue structured) {
            return unwrapped(structured.present());
        }
        if (value instanceof Map<?, ?> map) {
            Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
            map.forEach((key, element) -> copy.put(unwrapped(key), unwrapped(element)));
            return copy;
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> copy = new ArrayList<>();
            list.forEach(element -> copy.add(unwrapped(element)));
            return copy;
        }
        return value instanceof Optional<?> optional
                ? optional.map(Values::unwrapped).orElse(null)
                : name(value);
    }

    private static @Nullable Object name(Object value) {
        if (value instanceof OptionalValue<?, ?> optional) {
            return optional.isZeroValue() ? null : unwrapped(optional.value());
        }
        if (value instanceof TypeType type) {
            CelType of = type.parameters().isEmpty()
                    ? SimpleType.DYN
                    : type.parameters().get(0);
            return of.equals(SimpleType.DYN) ? "type" : of.name();
        }
        if (value instanceof CelType type) {
            return type.name();
        }
        return value instanceof OpaqueValue opaque ? opaque.toString() : value;
    }

    /** How many elements there are to the bottom of lists and maps; stops counting where they are more than that. */
    static long count(@Nullable Object value, long most) {
        long count = 1;
        if (value instanceof HeadersValue headers) {
            return 1L + headers.size();
        }
        if (value instanceof ListValue list) {
            return count(list.raw(), most);
        }
        if (value instanceof MapValue map) {
            return count(map.raw(), most);
        }
        Iterable<?> elements =
                value instanceof List<?> list ? list : value instanceof Map<?, ?> map ? map.values() : List.of();
        for (Object element : elements) {
            count += element instanceof List || element instanceof Map ? count(element, most - count) : 1;
            if (count > most) {
                return count;
            }
        }
        return count;
    }

    private static boolean isNumber(Object value) {
        return value instanceof Long || value instanceof UnsignedLong || value instanceof Double;
    }

    /** Equal as {@code ==} says, numbers of different types by what they are worth. */
    static boolean same(Object one, Object other) {
        if (isNumber(one) && isNumber(other)) {
            return !isNaN(one) && !isNaN(other) && compareNumbers(one, other) == 0;
        }
        return one.equals(other);
    }

    private static boolean isNaN(Object number) {
        return number instanceof Double value && value.isNaN();
    }

    /** The order of two values of one kind; a {@link Failure} where they have none. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    static int compare(Object one, Object other) {
        if (isNumber(one) && isNumber(other)) {
            return compareNumbers(one, other);
        }
        if (one instanceof Comparable comparable && one.getClass() == other.getClass()) {
            return comparable.compareTo(other);
        }
        throw new Failure("the values have no order");
    }

    private static int compareNumbers(Object one, Object other) {
        if (one instanceof Long left && other instanceof Long right) {
            return left.compareTo(right);
        }
        if (one instanceof Double || other instanceof Double) {
            double left = ((Number) one).doubleValue();
            double right = ((Number) other).doubleValue();
            if (one instanceof Double && other instanceof Double && left == right) {
                return 0; // also the two zeros
            }
            if ((one instanceof Double && other instanceof Double)
                    || Double.isNaN(left)
                    || Double.isNaN(right)
                    || Double.isInfinite(left)
                    || Double.isInfinite(right)) {
                return Double.compare(left, right);
            }
        }
        return exact(one).compareTo(exact(other));
    }

    private static BigDecimal exact(Object number) {
        return number instanceof Double value ? new BigDecimal(value) : new BigDecimal(number.toString());
    }
}
