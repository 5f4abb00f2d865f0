package io.gatepost.policy.cel;

import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON text in and out of expressions. A member written twice is no JSON here: two readers could read it in two ways.
 */
final class Json {
    private static final int MAX_DEPTH = 100;
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    /** The value; null where the text is not JSON or is JSON's null. */
    static @Nullable Object parse(byte[] text) {
        try {
            return MAPPER.readValue(text, Object.class);
        } catch (JacksonException e) {
            return null;
        }
    }

    /** The value; a {@link Failure} without any of the text where it is not JSON. */
    static @Nullable Object parseOrThrow(byte[] text) {
        try {
            return MAPPER.readValue(text, Object.class);
        } catch (JacksonException e) {
            throw new Failure("not JSON");
        }
    }

    /** Bytes as base64, times as RFC 3339, durations in seconds; numbers that JSON can't write as null. */
    static String write(Object value) {
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
        if (value instanceof byte[] bytes) {
            return Base64.getEncoder().encodeToString(bytes);
        }
        if (value instanceof Instant || value instanceof Duration) {
            return ConversionFunctions.text(value);
        }
        return value instanceof Double number && (number.isNaN() || number.isInfinite()) ? null : value;
    }
}
