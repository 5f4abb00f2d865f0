package io.gatepost.policy.text;

import io.gatepost.policy.expression.EvaluationContext;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
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

    /**
     * For requests to LLMs: an embeddings request may hold some 300,000 tokens as integers; schemas of tools are what
     * nests deepest.
     */
    static final StrictJson BODY = new StrictJson(100, 500_000);

    private static final char REPLACEMENT = '\ufffd';
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

    /** A text that costs more to read than may still be spent. */
    static final class TooCostlyException extends MalformedException {
        TooCostlyException() {
            super("costs more than may be spent on the request");
        }
    }

    /** A text that says two things. */
    static final class DuplicateException extends MalformedException {
        DuplicateException() {
            super("a member occurs twice");
        }
    }

    Map<String, @Nullable Object> object(byte[] utf8) throws MalformedException {
        return object(decoded(utf8));
    }

    Map<String, @Nullable Object> object(String text) throws MalformedException {
        return asObject(read(text, null));
    }

    /** Any value, not only an object; what that costs is spent while it is read. */
    @Nullable
    Object value(byte[] utf8, EvaluationContext payer) throws MalformedException {
        if (!payer.spend(StrictJsonReader.BEGINNING + utf8.length / StrictJsonReader.OCTETS_PER_STEP)) {
            throw new TooCostlyException();
        }
        return read(decoded(utf8), payer);
    }

    static Map<String, @Nullable Object> asObject(@Nullable Object value) throws MalformedException {
        if (!(value instanceof Map<?, ?> object)) {
            throw new MalformedException("not a JSON object");
        }
        @SuppressWarnings("unchecked") // the reader's maps have texts as keys
        Map<String, @Nullable Object> members = (Map<String, @Nullable Object>) object;
        return members;
    }

    private @Nullable Object read(String text, @Nullable EvaluationContext payer) throws MalformedException {
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), text)) {
            return new StrictJsonReader(parser, payer).read();
        } catch (JacksonException e) {
            throw new MalformedException("not valid JSON, or nested or numbered beyond the limits");
        }
    }

    private static String decoded(byte[] utf8) throws MalformedException {
        String text = new String(utf8, StandardCharsets.UTF_8);
        if (text.indexOf(REPLACEMENT) < 0) {
            return text;
        }
        // It may stand for octets that are no UTF-8, or for itself; finding out takes ten times as long.
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedException("not UTF-8");
        }
    }
}
