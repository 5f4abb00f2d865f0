package io.gatepost.policy.cel;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.parser.CelMacro;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Conversions: {@code string} and {@code duration}, and all of them as methods, such as {@code 10.string()}. */
final class ConversionFunctions {
    private static final CelType STRING = SimpleType.STRING;
    private static final CelType DURATION = SimpleType.DURATION;
    private static final List<String> METHODS =
            List.of("string", "int", "uint", "double", "bool", "bytes", "duration", "timestamp");
    private static final Pattern DURATIONS =
            Pattern.compile("([+-]?)(0|(?:(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:h|ms|m|s|us|\u00b5s|ns)){1,20})");
    private static final Pattern PART = Pattern.compile("(\\d*\\.?\\d*)([a-z\u00b5]+)");

    private ConversionFunctions() {}

    static void addTo(Functions functions) {
        for (String name : METHODS) {
            functions.macro(CelMacro.newReceiverMacro(
                    name, 0, (factory, target, args) -> Optional.of(factory.newGlobalCall(name, target))));
        }
        functions.global("string", STRING, args -> args[0], STRING);
        for (CelType type : List.of(
                SimpleType.INT, SimpleType.UINT, SimpleType.DOUBLE, SimpleType.BOOL, SimpleType.TIMESTAMP, DURATION)) {
            functions.global("string", STRING, args -> text(args[0]), type);
        }
        functions.global("string", STRING, args -> text((CelByteString) args[0]), SimpleType.BYTES);
        functions.global("string", STRING, args -> args[0].toString(), RedactedValue.TYPE);
        functions.global("duration", DURATION, args -> args[0], DURATION);
        functions.global("duration", DURATION, args -> duration((String) args[0]), STRING);
    }

    /**
     * A scalar as text: doubles without a fraction where they have none, times and durations without trailing zeros.
     */
    static String text(Object scalar) {
        Evaluation.charge(CelLimits.FUNCTION_COST);
        if (scalar instanceof Double number) {
            return number.isNaN() || number.isInfinite()
                    ? number.toString()
                    : BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
        }
        if (scalar instanceof Duration duration) {
            BigDecimal seconds =
                    BigDecimal.valueOf(duration.getSeconds()).add(BigDecimal.valueOf(duration.getNano(), 9));
            return seconds.signum() == 0 ? "0s" : seconds.stripTrailingZeros().toPlainString() + "s";
        }
        if (scalar instanceof java.time.Instant time) {
            String text = time.toString();
            return text.contains(".") ? text.replaceAll("0+Z$", "Z") : text;
        }
        if (scalar instanceof String
                || scalar instanceof Long
                || scalar instanceof UnsignedLong
                || scalar instanceof Boolean) {
            return scalar.toString();
        }
        throw new Failure("only scalars can be written as text");
    }

    static String text(CelByteString bytes) {
        Evaluation.charge(bytes.size() / CelLimits.CHARACTERS_PER_STEP);
        if (!bytes.isValidUtf8()) {
            throw new Failure("the bytes are not UTF-8");
        }
        return bytes.toStringUtf8();
    }

    /** Hours to nanoseconds, one behind the other, such as {@code 1h30m}. */
    private static Duration duration(String text) {
        Evaluation.charge(CelLimits.FUNCTION_COST);
        Matcher whole = DURATIONS.matcher(text);
        if (text.length() > 100 || !whole.matches()) {
            throw new Failure("not a duration such as `1h30m` or `1.5s`");
        }
        BigDecimal nanos = BigDecimal.ZERO;
        Matcher part = PART.matcher(whole.group(2));
        while (part.find()) {
            nanos = nanos.add(new BigDecimal(
                            "0" + part.group(1) + "0".repeat(part.group(1).endsWith(".") ? 1 : 0))
                    .multiply(unit(part.group(2))));
        }
        try {
            long total = nanos.toBigInteger().longValueExact();
            return Duration.ofNanos(whole.group(1).equals("-") ? -total : total);
        } catch (ArithmeticException e) {
            throw new Failure("the duration is too long");
        }
    }

    private static BigDecimal unit(String name) {
        return BigDecimal.valueOf(
                switch (name) {
                    case "h" -> 3_600_000_000_000L;
                    case "m" -> 60_000_000_000L;
                    case "s" -> 1_000_000_000L;
                    case "ms" -> 1_000_000L;
                    case "ns" -> 1L;
                    default -> 1_000L;
                });
    }
}
