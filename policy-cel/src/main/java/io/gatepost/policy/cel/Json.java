package io.gatepost.policy.cel;

import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Values as JSON text. */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private Json() {}

    /** Bytes as base64, times as RFC 3339, durations in seconds; numbers that JSON can't write as null. */
    static String write(Object value) {
        // As deep as it goes: what stands in it several times is written several times.
        Evaluation.charge(Values.count(value, CelLimits.RESULT_SIZE + 1L));
        Object plain = plain(Values.toJava(value));
        try {
            String text = MAPPER.writeValueAsString(plain);
            Evaluation.allowed(text.length());
            return text;
        } catch (JacksonException e) {
            throw new Failure("cannot be written as JSON");
        }
    }

    private static @Nullable Object plain(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> copy = new LinkedHashMap<>();
            map.forEach((key, element) -> copy.put(String.valueOf(key), plain(element)));
            return copy;
        }
        if (value instanceof List<?> list) {
            return list.stream().map(Json::plain).toList();
        }
        if (value instanceof String text) {
            Evaluation.charge(text.length() / CelLimits.PARSED_PER_STEP);
            return text;
        }
        if (value instanceof byte[] bytes) {
            Evaluation.charge(bytes.length / CelLimits.PARSED_PER_STEP);
            return Base64.getEncoder().encodeToString(bytes);
        }
        if (value instanceof Instant || value instanceof Duration) {
            return ConversionFunctions.text(value);
        }
        return value instanceof Double number && (number.isNaN() || number.isInfinite()) ? null : value;
    }
}
