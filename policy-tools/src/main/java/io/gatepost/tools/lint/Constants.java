package io.gatepost.tools.lint;

import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import java.math.BigDecimal;
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
    static @Nullable Object of(CelExpr part) {
        return switch (part.getKind()) {
            case CONSTANT -> of(part.constant());
            case LIST -> list(part.list().elements());
            case CALL -> call(part);
            default -> null;
        };
    }

    private static @Nullable Object of(CelConstant constant) {
        return switch (constant.getKind()) {
            case STRING_VALUE -> constant.stringValue();
            case BOOLEAN_VALUE -> constant.booleanValue();
            case INT64_VALUE -> number(BigDecimal.valueOf(constant.int64Value()));
            case UINT64_VALUE -> number(new BigDecimal(constant.uint64Value().bigIntegerValue()));
            case DOUBLE_VALUE ->
                Double.isFinite(constant.doubleValue()) ? number(new BigDecimal(constant.doubleValue())) : null;
            case NULL_VALUE -> NOTHING;
            default -> null;
        };
    }

    private static BigDecimal number(BigDecimal number) {
        return number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
    }

    private static @Nullable Object list(List<CelExpr> elements) {
        List<Object> values = new ArrayList<>();
        for (CelExpr element : elements) {
            Object value = of(element);
            if (value == null) {
                return null;
            }
            values.add(value);
        }
        return values;
    }

    private static @Nullable Object call(CelExpr part) {
        List<CelExpr> operands = Syntax.operands(part);
        Object first = operands.isEmpty() ? null : of(operands.get(0));
        return switch (part.call().function()) {
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
