package io.gatepost.policy.cel;

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

    /** The value; an {@link IllegalArgumentException} without any of the text where it is not JSON. */
    static @Nullable Object parseOrThrow(String text) {
        try {
            return MAPPER.readValue(text, Object.class);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not JSON");
        }
    }

    /** Only what JSON can hold: maps, lists, strings, numbers, booleans and null. */
    static String write(@Nullable Object value) {
        if (value instanceof Map
                || value instanceof List
                || value instanceof String
                || value instanceof Number
                || value instanceof Boolean
                || value == null) {
            try {
                return MAPPER.writeValueAsString(value);
            } catch (JacksonException e) {
                throw new IllegalArgumentException("not to be written as JSON");
            }
        }
        throw new IllegalArgumentException("not to be written as JSON");
    }
}
