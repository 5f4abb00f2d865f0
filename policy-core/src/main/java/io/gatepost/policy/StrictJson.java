package io.gatepost.policy;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads one JSON object (RFC 8259) in the one way that no two readers can disagree about: strict UTF-8, no member
 * twice, no half surrogate pairs, nothing behind the object, and bounded in depth and count. Integers come as
 * {@code Long} or {@code BigInteger}, other numbers as finite {@code Double}.
 */
final class StrictJson {
    /** For a token's header and claims. */
    static final StrictJson TOKEN = new StrictJson(32, 10_000);

    /** For key sets and discovery documents. */
    static final StrictJson DOCUMENT = new StrictJson(32, 200_000);

    /** For requests to LLMs. */
    static final StrictJson BODY = new StrictJson(500, 2_000_000);

    private final JsonFactory factory;

    private StrictJson(int depth, int values) {
        factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(depth)
                        .maxTokenCount(values)
                        .maxNumberLength(400)
                        .build())
                // Names come from strangers: neither cached nor interned.
                .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
                .build();
    }

    /** A text that is not one acceptable JSON object; the message quotes nothing of it. */
    static class MalformedException extends Exception {
        MalformedException(String message) {
            super(message, null, false, false);
        }
    }

    /** A text that says two things. */
    static final class DuplicateException extends MalformedException {
        DuplicateException() {
            super("a member occurs twice");
        }
    }

    Map<String, @Nullable Object> object(byte[] utf8) throws MalformedException {
        try {
            return object(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString());
        } catch (CharacterCodingException e) {
            throw new MalformedException("not UTF-8");
        }
    }

    Map<String, @Nullable Object> object(String text) throws MalformedException {
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new MalformedException("not a JSON object");
            }
            Map<String, @Nullable Object> object = members(parser);
            if (parser.nextToken() != null) {
                throw new MalformedException("something follows the JSON object");
            }
            return object;
        } catch (JacksonException e) {
            throw new MalformedException("not valid JSON, or nested or numbered beyond the limits");
        }
    }

    private static Map<String, @Nullable Object> members(JsonParser parser) throws MalformedException {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = whole(parser.currentName());
            if (members.containsKey(name)) {
                throw new DuplicateException();
            }
            members.put(name, value(parser, parser.nextToken()));
        }
        return Collections.unmodifiableMap(members);
    }

    private static @Nullable Object value(JsonParser parser, JsonToken token) throws MalformedException {
        return switch (token) {
            case START_OBJECT -> members(parser);
            case START_ARRAY -> elements(parser);
            case VALUE_STRING -> whole(parser.getString());
            case VALUE_NUMBER_INT ->
                parser.getNumberValue() instanceof Integer small ? (Object) small.longValue() : parser.getNumberValue();
            case VALUE_NUMBER_FLOAT -> finite(parser.getDoubleValue());
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> throw new MalformedException("not valid JSON");
        };
    }

    private static List<@Nullable Object> elements(JsonParser parser) throws MalformedException {
        List<@Nullable Object> elements = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            elements.add(value(parser, token));
        }
        return Collections.unmodifiableList(elements);
    }

    private static Double finite(double number) throws MalformedException {
        if (Double.isInfinite(number)) {
            throw new MalformedException("a number is beyond the range of a double");
        }
        return number;
    }

    private static String whole(String text) throws MalformedException {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (!Character.isSupplementaryCodePoint(text.codePointAt(i))) {
                    throw new MalformedException("a string holds half a surrogate pair");
                }
                i++;
            }
        }
        return text;
    }
}
