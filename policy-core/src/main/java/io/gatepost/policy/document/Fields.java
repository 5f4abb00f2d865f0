package io.gatepost.policy.document;

import io.gatepost.policy.document.Node.Mapping;
import io.gatepost.policy.document.Node.Scalar;
import io.gatepost.policy.document.Node.Sequence;
import io.gatepost.policy.model.MatchExpression;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a map in a document, read by name and type. Each getter tells what is wrong with its field and then
 * returns null, or for a list what of it can be read; nothing is converted from another type, and a field without a
 * value is an error. {@link #done} tells of the fields that nobody asked for. Not thread-safe.
 */
public final class Fields extends FieldNames {
    private final Values values;

    Fields(Source source, Mapping map, String path, Findings findings, FieldListener listener) {
        super(source, map, path, findings, listener);
        values = new Values(source, findings);
    }

    @Override
    Fields self() {
        return this;
    }

    /** The path of a field for messages about its value: most of those that are asked for are not there. */
    private String at(String name) {
        return map.entries().containsKey(name) ? pathOf(name) : "";
    }

    /** The same map, its problems told elsewhere. */
    Fields reportingTo(Findings elsewhere) {
        return new Fields(source, map, path(), elsewhere, FieldListener.NOBODY);
    }

    /**
     * Whether a field is there and is a map.
     *
     * @param name the field
     * @return true where it is
     */
    public boolean isMap(String name) {
        listener.seek(name);
        return value(name) instanceof Mapping;
    }

    /**
     * Whether a field is there and is text.
     *
     * @param name the field
     * @return true where it is
     */
    public boolean isText(String name) {
        listener.seek(name);
        return value(name) instanceof Scalar scalar && scalar.kind() == Scalar.Kind.TEXT;
    }

    /**
     * Whether a field is there and is a list.
     *
     * @param name the field
     * @return true where it is
     */
    public boolean isList(String name) {
        listener.seek(name);
        return value(name) instanceof Sequence;
    }

    /**
     * Any value, as JSON has it.
     *
     * @param name the field
     * @return a string, {@code Long}, {@code BigInteger}, {@code Double}, boolean, list or map; null where the field is
     *     absent or null
     */
    public @Nullable Object json(String name) {
        listener.any(name);
        Node value = value(name);
        return value == null ? null : new JsonValues(source, findings).of(value, pathOf(name));
    }

    /**
     * A text.
     *
     * @param name the field
     * @param min its least length in characters
     * @param max its greatest length in characters
     * @return the text, or null where the field is absent or wrong
     */
    public @Nullable String text(String name, int min, int max) {
        listener.text(name, min, max);
        return values.text(value(name), at(name), min, max);
    }

    /**
     * A text that matches a pattern.
     *
     * @param name the field
     * @param max its greatest length in characters
     * @param pattern the pattern
     * @param expected the pattern in words
     * @return the text, or null where the field is absent or wrong
     */
    public @Nullable String text(String name, int max, Pattern pattern, String expected) {
        String words = "expected " + expected;
        listener.text(name, 1, max);
        listener.pattern(name, pattern, words);
        return values.matching(value(name), at(name), max, pattern, words);
    }

    /**
     * A text as it stands, templates and all; may be empty.
     *
     * @param name the field
     * @return the text, or null where the field is absent or wrong
     */
    public @Nullable String rawText(String name) {
        listener.text(name);
        return values.rawText(value(name), at(name));
    }

    /**
     * A list of texts.
     *
     * @param name the field
     * @param min the least number of texts
     * @param max the greatest number of texts
     * @param maxLength their greatest length; they must not be empty
     * @return the texts that can be read; none where the field is absent
     */
    public List<String> texts(String name, int min, int max, int maxLength) {
        listener.texts(name, min, max, maxLength);
        return values.list(value(name), at(name), min, max, (item, at) -> values.text(item, at, 1, maxLength));
    }

    /** An expression, or null where the field is absent or wrong. */
    @Nullable
    MatchExpression expression(String name, int maxLength) {
        listener.text(name, 1, maxLength);
        return values.expression(value(name), at(name), maxLength);
    }

    /** A list of expressions: those that can be read. */
    List<MatchExpression> expressions(String name, int min, int max, int maxLength) {
        listener.texts(name, min, max, maxLength);
        return values.list(value(name), at(name), min, max, (item, at) -> values.expression(item, at, maxLength));
    }

    /**
     * A map of texts, such as labels; templates stay as they are.
     *
     * @param name the field
     * @return the texts that can be read; none where the field is absent
     */
    public Map<String, String> textMap(String name) {
        Fields fields = fields(name);
        Map<String, String> texts = new LinkedHashMap<>();
        for (String key : fields == null ? List.<String>of() : fields.names()) {
            String text = fields == null ? null : fields.rawText(key);
            if (text != null) {
                texts.put(key, text);
            }
        }
        return texts;
    }

    /**
     * A whole number.
     *
     * @param name the field
     * @param min its least value
     * @param max its greatest value
     * @return the number, or null where the field is absent or wrong
     */
    public @Nullable Integer integer(String name, int min, int max) {
        listener.integer(name, min, max);
        return values.integer(value(name), at(name), min, max);
    }

    /**
     * True or false.
     *
     * @param name the field
     * @return the value, or null where the field is absent or wrong
     */
    public @Nullable Boolean flag(String name) {
        listener.flag(name);
        return values.flag(value(name), at(name));
    }

    /**
     * A duration such as {@code 5m} or {@code 1h30m}.
     *
     * @param name the field
     * @param min the shortest
     * @param max the longest
     * @return the duration, or null where the field is absent or wrong
     */
    public @Nullable Duration duration(String name, Duration min, Duration max) {
        String expected = "expected a duration such as `5m` or `1h30m`";
        listener.text(name, 1, Durations.MAX_LENGTH);
        listener.pattern(name, Durations.WHOLE, expected);
        return values.duration(value(name), at(name), min, max, expected);
    }

    /**
     * One of the constants of an enum, in the document in camel case: {@code PRE_ROUTING} is {@code PreRouting}.
     *
     * @param name the field
     * @param constants the enum
     * @param <E> the enum
     * @return the constant, or null where the field is absent or wrong
     */
    public <E extends Enum<E>> @Nullable E choice(String name, Class<E> constants) {
        Map<String, E> choices = new LinkedHashMap<>();
        for (E constant : constants.getEnumConstants()) {
            choices.put(camelCase(constant.name()), constant);
        }
        listener.meaning(name, choices.keySet());
        listener.text(name, 1, Integer.MAX_VALUE);
        return values.choice(value(name), at(name), choices);
    }

    /** The same, or another constant where the field is absent or wrong. */
    <E extends Enum<E>> E choice(String name, Class<E> constants, E otherwise) {
        E chosen = choice(name, constants);
        listener.otherwise(name, camelCase(otherwise.name()));
        return chosen == null ? otherwise : chosen;
    }

    private static String camelCase(String constant) {
        StringBuilder text = new StringBuilder();
        for (String word : constant.split("_", -1)) {
            text.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return text.toString();
    }

    /**
     * A map.
     *
     * @param name the field
     * @return its fields, or null where the field is absent or wrong
     */
    public @Nullable Fields fields(String name) {
        listener.map(name);
        Node value = value(name);
        return value == null ? null : within(value, pathOf(name), name);
    }

    /**
     * A list of maps.
     *
     * @param name the field
     * @param min the least number of maps
     * @param max the greatest number of maps
     * @return the maps that can be read; none where the field is absent
     */
    public List<Fields> list(String name, int min, int max) {
        listener.maps(name, min, max);
        return values.list(value(name), at(name), min, max, (item, at) -> within(item, at, name));
    }

    private @Nullable Fields within(Node value, String at, String name) {
        FieldListener inner = listener.within(name);
        Mapping mapping = values.map(value, at);
        return mapping == null ? null : new Fields(source, mapping, at, findings, inner);
    }
}
