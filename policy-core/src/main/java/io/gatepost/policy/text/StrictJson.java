package io.gatepost.policy.text;

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
 * Reads JSON (RFC 8259) in the one way that no two readers can disagree about: strict UTF-8, no member twice, no half
 * surrogate pairs, nothing behind the value, and bounded in depth and count. An object comes as an unmodifiable
 * {@code Map} in the order of its members, an array as an unmodifiable {@code List}, an integer as {@code Long} or
 * {@code BigInteger}, another number as finite {@code Double}. Immutable and thread-safe.
 */
public final class StrictJson {
    /** For a token's header and claims. */
    public static final StrictJson TOKEN = new StrictJson(32, 10_000);

    /** For key sets and discovery documents. */
    public static final StrictJson DOCUMENT = new StrictJson(32, 200_000);

    /**
     * For requests to LLMs: an embeddings request may hold some 300,000 tokens as integers; schemas of tools are what
     * nests deepest.
     */
    public static final StrictJson BODY = new StrictJson(100, 500_000);

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

    /** Pays for what is read, before it is read. */
    public interface Payer {
        /**
         * Takes steps from what may still be spent.
         *
         * @param steps how many, 0 or more
         * @return whether there were as many; where not, the reading ends
         */
        boolean spend(long steps);
    }

    /** A text that is not what was asked for; the message quotes nothing of it. */
    public static class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message, null, false, false);
        }
    }

    /** A text that costs more to read than may still be spent. */
    public static final class TooCostlyException extends MalformedException {
        private static final long serialVersionUID = 1L;

        TooCostlyException() {
            super("costs more than may be spent on the request");
        }
    }

    /** A text that says two things. */
    public static final class DuplicateException extends MalformedException {
        private static final long serialVersionUID = 1L;

        DuplicateException() {
            super("a member occurs twice");
        }
    }

    /**
     * Reads an object.
     *
     * @param utf8 the text
     * @return its members
     * @throws MalformedException where it is no object
     */
    public Map<String, @Nullable Object> object(byte[] utf8) throws MalformedException {
        return object(decoded(utf8));
    }

    /**
     * Reads an object.
     *
     * @param text the text
     * @return its members
     * @throws MalformedException where it is no object
     */
    public Map<String, @Nullable Object> object(String text) throws MalformedException {
        return asObject(read(text, null));
    }

    /**
     * Reads any value, not only an object.
     *
     * @param utf8 the text
     * @param payer pays for it, while it is read
     * @return map, list, string, {@code Long}, {@code BigInteger}, {@code Double}, boolean or null
     * @throws MalformedException where it is no value, or costs more than the payer has
     */
    public @Nullable Object value(byte[] utf8, Payer payer) throws MalformedException {
        pay(StrictJsonReader.BEGINNING + utf8.length / StrictJsonReader.OCTETS_PER_STEP, payer);
        return read(decoded(utf8), payer);
    }

    /**
     * Takes steps for work on what was read.
     *
     * @param steps how many, 0 or more
     * @param payer pays for it
     * @throws TooCostlyException where the payer has fewer
     */
    public static void pay(long steps, Payer payer) throws TooCostlyException {
        if (!payer.spend(steps)) {
            throw new TooCostlyException();
        }
    }

    /**
     * The members of what was read, where it is an object.
     *
     * @param value what {@link #value} answered
     * @return its members
     * @throws MalformedException where it is no object
     */
    public static Map<String, @Nullable Object> asObject(@Nullable Object value) throws MalformedException {
        if (!(value instanceof Map<?, ?> object)) {
            throw new MalformedException("not a JSON object");
        }
        @SuppressWarnings("unchecked") // the reader's maps have texts as keys
        Map<String, @Nullable Object> members = (Map<String, @Nullable Object>) object;
        return members;
    }

    private @Nullable Object read(String text, @Nullable Payer payer) throws MalformedException {
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
