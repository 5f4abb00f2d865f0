package io.gatepost.tools.lint;

import io.gatepost.policy.cel.ExpressionPart;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What parts come to that read nothing: texts, numbers (as exact decimals), truth values, nothing, lists of these. */
final class Constants {
    /** JSON's null. */
    static final Object NOTHING = new Object() {
        @Override
        public String toString() {
            return "null";
        }
    };

    private Constants() {}

    /** The value; null where the part is not constant, or of a type that is not looked at. */
    static @Nullable Object of(ExpressionPart part) {
        return switch (part.kind()) {
            case CONSTANT -> value(part.constant());
            case LIST -> list(part.children());
            case CALL -> call(part);
            default -> null;
        };
    }

    private static @Nullable Object value(@Nullable Object constant) {
        if (constant instanceof Long whole) {
            return number(BigDecimal.valueOf(whole));
        }
        if (constant instanceof BigInteger whole) {
            return number(new BigDecimal(whole));
        }
        if (constant instanceof Double fraction) {
            return Double.isFinite(fraction) ? number(new BigDecimal(fraction)) : null;
        }
        if (constant == null) {
            return NOTHING;
        }
        return constant instanceof String || constant instanceof Boolean ? constant : null;
    }

    private static BigDecimal number(BigDecimal number) {
        return number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
    }

    private static @Nullable Object list(List<ExpressionPart> elements) {
        List<Object> values = new ArrayList<>();
        for (ExpressionPart element : elements) {
            Object value = of(element);
            if (value == null) {
                return null;
            }
            values.add(value);
        }
        return values;
    }

    private static @Nullable Object call(ExpressionPart part) {
        List<ExpressionPart> operands = Syntax.operands(part);
        Object first = operands.isEmpty() ? null : of(operands.get(0));
        return switch (part.name()) {
            case "-_" -> first instanceof BigDecimal number ? number(number.negate()) : null;
            case "dyn" -> first;
            case "size" -> size(first);
            default -> null;
        };
    }

    private static @Nullable Object size(@Nullable Object value) {
        if (value instanceof String text) {
            return number(BigDecimal.valueOf(text.codePointCount(0, text.length())));
        }
        return value instanceof List<?> list ? number(BigDecimal.valueOf(list.size())) : null;
    }

    /** A value as it would be written. */
    static String text(Object value) {
        if (value instanceof String text) {
            return "\"" + text + "\"";
        }
        return value instanceof BigDecimal number ? number.toPlainString() : value.toString();
    }
}
