package io.gatepost.policy.cel;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import dev.cel.parser.CelMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionOverload;
import java.util.List;
import java.util.Optional;

/** Beside cel-java's {@code math}: {@code max} and {@code min}, and bit operations that take bytes too. */
final class MathFunctions {
    private static final CelType INT = SimpleType.INT;
    private static final CelType UINT = SimpleType.UINT;
    private static final CelType BYTES = SimpleType.BYTES;
    private static final int MOST_BYTES = 32;

    private MathFunctions() {}

    static void addTo(Functions functions) {
        ListType list = ListType.create(SimpleType.DYN);
        for (String name : List.of("max", "min")) {
            functions.macro(CelMacro.newGlobalVarArgMacro(
                    name,
                    (factory, target, args) -> Optional.of(factory.newGlobalCall("@" + name, factory.newList(args)))));
        }
        functions.global("@max", SimpleType.DYN, args -> extreme((List<?>) args[0], 1), list);
        functions.global("@min", SimpleType.DYN, args -> extreme((List<?>) args[0], -1), list);
        addBits(functions, "math.bitAnd", (a, b) -> a & b);
        addBits(functions, "math.bitOr", (a, b) -> a | b);
        addBits(functions, "math.bitXor", (a, b) -> a ^ b);
    }

    private static void addBits(Functions functions, String name, CelFunctionOverload.Binary<Long, Long> operation) {
        functions.global(name, INT, args -> apply(operation, (Long) args[0], (Long) args[1]), INT, INT);
        functions.global(
                name,
                UINT,
                args -> UnsignedLong.fromLongBits(
                        apply(operation, ((UnsignedLong) args[0]).longValue(), ((UnsignedLong) args[1]).longValue())),
                UINT,
                UINT);
        functions.global(
                name, BYTES, args -> bits((CelByteString) args[0], (CelByteString) args[1], operation), BYTES, BYTES);
        functions.global(name, INT, args -> signed(operation, (CelByteString) args[0], (Long) args[1]), BYTES, INT);
        functions.global(name, INT, args -> signed(operation, (CelByteString) args[1], (Long) args[0]), INT, BYTES);
        functions.global(
                name, UINT, args -> unsigned(operation, (CelByteString) args[0], (UnsignedLong) args[1]), BYTES, UINT);
        functions.global(
                name, UINT, args -> unsigned(operation, (CelByteString) args[1], (UnsignedLong) args[0]), UINT, BYTES);
    }

    private static long apply(CelFunctionOverload.Binary<Long, Long> operation, long one, long other)
            throws CelEvaluationException {
        return (Long) operation.apply(one, other);
    }

    /** Bytes are an unsigned number, so that the other one has to be none below 0, and so has the result. */
    private static long signed(CelFunctionOverload.Binary<Long, Long> operation, CelByteString bytes, long number)
            throws CelEvaluationException {
        long result = apply(operation, number(bytes), number);
        if (number < 0 || result < 0) {
            throw new Failure("bit operations with bytes take integers from 0 to 2^63 - 1; use `uint` beyond");
        }
        return result;
    }

    private static UnsignedLong unsigned(
            CelFunctionOverload.Binary<Long, Long> operation, CelByteString bytes, UnsignedLong number)
            throws CelEvaluationException {
        return UnsignedLong.fromLongBits(apply(operation, number(bytes), number.longValue()));
    }

    private static byte[] few(CelByteString bytes) {
        if (bytes.size() > MOST_BYTES) {
            throw new Failure("bit operations take at most 32 bytes");
        }
        return bytes.toByteArray();
    }

    /** Right-aligned, as numbers are; the shorter one is filled up with zeros. */
    private static CelByteString bits(
            CelByteString left, CelByteString right, CelFunctionOverload.Binary<Long, Long> operation)
            throws CelEvaluationException {
        byte[] a = few(left);
        byte[] b = few(right);
        byte[] result = new byte[Math.max(a.length, b.length)];
        for (int i = 1; i <= result.length; i++) {
            int one = i <= a.length ? a[a.length - i] : 0;
            int other = i <= b.length ? b[b.length - i] : 0;
            result[result.length - i] = (byte) apply(operation, one, other);
        }
        return CelByteString.of(result);
    }

    private static long number(CelByteString bytes) {
        byte[] few = few(bytes);
        if (few.length > Long.BYTES) {
            throw new Failure("bit operations with an integer take at most 8 bytes");
        }
        long number = 0;
        for (byte b : few) {
            number = number << 8 | (b & 0xff);
        }
        return number;
    }

    /** The greatest or least of the values, or of a list that is the only one; null of none. */
    private static Object extreme(List<?> values, int sign) {
        List<?> all = values.size() == 1 && values.get(0) instanceof List<?> list ? list : values;
        Evaluation.charge(all.size());
        Object best = NullValue.NULL_VALUE;
        for (Object value : all) {
            if (best instanceof NullValue || Values.compare(value, best) * sign > 0) {
                best = value;
            }
        }
        return best;
    }
}
