package io.gatepost.policy.document;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.document.Node.Entry;
import io.gatepost.policy.document.Node.Mapping;
import io.gatepost.policy.document.Node.Scalar;
import io.gatepost.policy.document.Node.Scalar.Kind;
import io.gatepost.policy.document.Node.Sequence;
import io.gatepost.policy.model.MatchExpression;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a map in a document, read by name and type. Each getter tells what is wrong with its field and then
 * returns null, or for a list what of it can be read; nothing is converted from another type, and a field without a
 * value is an error. {@link #done} tells of the fields that nobody asked for. Not thread-safe.
 */
public final class Fields {
    private static final Pattern TEMPLATE = Pattern.compile("\\{\\{.*}}|\\$\\{[A-Za-z_][A-Za-z0-9_]*}", Pattern.DOTALL);

    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}&&[^\t\r\n]]");

    private final Source source;
    private final Mapping map;
    private final String path;
    private final Findings findings;
    private final Shape shape;
    private final Set<String> known = new TreeSet<>();

    Fields(Source source, Mapping map, String path, Findings findings, Shape shape) {
        this.source = source;
        this.map = map;
        this.path = path;
        this.findings = findings;
        this.shape = shape;
    }

    /** The same map, its problems told elsewhere. */
    Fields reportingTo(Findings elsewhere) {
        return new Fields(source, map, path, elsewhere, new Shape());
    }

    /**
     * Where the map is written.
     *
     * @return its first character
     */
    public Origin origin() {
        return source.origin(map.index(), path);
    }

    /**
     * Where a field's value is written.
     *
     * @param name the field
     * @return the value's first character; the map's where it has no such field
     */
    public Origin origin(String name) {
        Entry entry = map.entries().get(name);
        return source.origin(entry == null ? map.index() : entry.value().index(), pathOf(name));
    }

    /**
     * Where a field's name is written.
     *
     * @param name the field
     * @return the name's first character; the map's where it has no such field
     */
    public Origin keyOrigin(String name) {
        Entry entry = map.entries().get(name);
        return source.origin(entry == null ? map.index() : entry.keyIndex(), pathOf(name));
    }

    /** Whether a comment beside a field's value accepts what {@code lint} would find there by this name. */
    boolean isAccepted(String name, String id) {
        Entry entry = map.entries().get(name);
        return entry != null && source.isAccepted(entry.value().index(), id);
    }

    private String pathOf(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /**
     * Whether a field is there, with or without a value.
     *
     * @param name the field
     * @return true where it is
     */
    public boolean has(String name) {
        known.add(name);
        shape.seek(name);
        return map.entries().containsKey(name);
    }

    /**
     * Whether a field is there and is a map.
     *
     * @param name the field
     * @return true where it is
     */
    public boolean isMap(String name) {
        shape.seek(name);
        return value(name) instanceof Mapping;
    }

    /**
     * Whether a field is there and is text.
     *
     * @param name the field
     * @return true where it is
     */
    public boolean isText(String name) {
        shape.seek(name);
        return value(name) instanceof Scalar scalar && scalar.kind() == Kind.TEXT;
    }

    /**
     * Whether a field is there and is a list.
     *
     * @param name the field
     * @return true where it is
     */
    public boolean isList(String name) {
        shape.seek(name);
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
        shape.ask(name, Map.of());
        Node value = value(name);
        return value == null ? null : new JsonValues(source, findings).of(value, pathOf(name));
    }

    /**
     * Tells that fields are missing, where they are.
     *
     * @param names the fields
     * @return this
     */
    public Fields require(String... names) {
        shape.require(List.of(names));
        for (String name : names) {
            if (!has(name) && !misspelt(name)) {
                findings.error(source.origin(map.index(), pathOf(name)), "`" + name + "` is required");
            }
        }
        return this;
    }

    /** Tells of a field that is absent because its name is misspelt: one mistake, one line. */
    private boolean misspelt(String name) {
        for (String written : map.entries().keySet()) {
            if (!known.contains(written)
                    && Diagnostic.probablyMeant(written, Set.of(name)).isPresent()) {
                unknown(written, Set.of(name));
                known.add(written);
                return true;
            }
        }
        return false;
    }

    private void unknown(String name, Set<String> meant) {
        findings.error(keyOrigin(name), "unknown field `" + name + "`" + Diagnostic.didYouMean(name, meant));
    }

    /**
     * Tells that several of some fields are there, where only one may be.
     *
     * @param names the fields
     * @return whether one is there, or none
     */
    public boolean atMostOneOf(String... names) {
        shape.exclude(new Shape.Alternatives(List.of(names), false));
        List<String> present = Arrays.stream(names).filter(this::has).toList();
        if (present.size() > 1) {
            findings.error(
                    keyOrigin(present.get(1)),
                    "`" + present.get(1) + "` and `" + present.get(0) + "` exclude each other; keep one");
        }
        return present.size() <= 1;
    }

    /**
     * Tells that not exactly one of some fields is there.
     *
     * @param names the fields
     * @return whether exactly one is
     */
    public boolean exactlyOneOf(String... names) {
        shape.exclude(new Shape.Alternatives(List.of(names), true));
        if (Arrays.stream(names).noneMatch(this::has)) {
            if (Arrays.stream(names).noneMatch(this::misspelt)) {
                findings.error(origin(), "expected one of `" + String.join("`, `", names) + "`");
            }
            return false;
        }
        return atMostOneOf(names);
    }

    /**
     * Tells of fields that agentgateway knows and Gatepost does not enforce.
     *
     * @param names the fields
     * @return this
     */
    public Fields unsupported(String... names) {
        for (String name : names) {
            shape.refuse(name);
            if (has(name)) {
                findings.unsupported(keyOrigin(name), "`" + name + "` is not enforced here; remove it");
            }
        }
        return this;
    }

    /**
     * Passes over fields that say nothing about what is enforced.
     *
     * @param names the fields
     * @return this
     */
    public Fields ignore(String... names) {
        known.addAll(Arrays.asList(names));
        Arrays.stream(names).forEach(name -> shape.ask(name, Map.of()));
        return this;
    }

    /**
     * Says which values of a field mean something, for schemas; to tell of another value stays the caller's part.
     *
     * @param name the field
     * @param values the values
     * @return this
     */
    public Fields meaning(String name, Collection<?> values) {
        shape.ask(name, Map.of("enum", List.copyOf(values)));
        return this;
    }

    /**
     * Tells of fields that belong elsewhere.
     *
     * @param parent the field that they belong under
     * @param names the fields
     * @return this
     */
    public Fields misplaced(String parent, String... names) {
        for (String name : names) {
            shape.refuse(name);
            if (has(name)) {
                findings.error(keyOrigin(name), "unknown field `" + name + "`; it belongs under `" + parent + "`");
            }
        }
        return this;
    }

    /** Tells of the fields that nobody asked for. */
    public void done() {
        shape.close();
        Set<String> meant = Set.copyOf(known);
        map.entries().keySet().stream().filter(name -> !meant.contains(name)).forEach(name -> unknown(name, meant));
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
        shape.ask(name, Map.of("type", "string", "minLength", min, "maxLength", max));
        Node value = value(name);
        return value == null ? null : text(value, pathOf(name), min, max);
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
        String text = text(name, 1, max);
        shape.ask(name, Map.of("pattern", pattern.pattern(), "patternErrorMessage", "expected " + expected));
        if (text == null || pattern.matcher(text).matches()) {
            return text;
        }
        findings.error(origin(name), "expected " + expected);
        return null;
    }

    /**
     * A text as it stands, templates and all; may be empty.
     *
     * @param name the field
     * @return the text, or null where the field is absent or wrong
     */
    public @Nullable String rawText(String name) {
        shape.ask(name, Map.of("type", "string"));
        Node value = value(name);
        return value == null ? null : scalar(value, pathOf(name), Kind.TEXT, "text");
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
        List<String> texts = new ArrayList<>();
        askForTexts(name, min, max, maxLength);
        List<Node> items = items(name, min, max);
        for (int i = 0; i < items.size(); i++) {
            String text = text(items.get(i), pathOf(name) + "[" + i + "]", 1, maxLength);
            if (text != null) {
                texts.add(text);
            }
        }
        return texts;
    }

    private void askForTexts(String name, int min, int max, int maxLength) {
        Map<String, ?> item = Map.of("type", "string", "minLength", 1, "maxLength", maxLength);
        shape.ask(name, Map.of("type", "array", "minItems", min, "maxItems", max, "items", item));
    }

    /** An expression, or null where the field is absent or wrong. */
    @Nullable
    MatchExpression expression(String name, int maxLength) {
        shape.ask(name, Map.of("type", "string", "minLength", 1, "maxLength", maxLength));
        Node value = value(name);
        return value == null ? null : expression(value, pathOf(name), maxLength);
    }

    /** A list of expressions: those that can be read. */
    List<MatchExpression> expressions(String name, int min, int max, int maxLength) {
        List<MatchExpression> expressions = new ArrayList<>();
        askForTexts(name, min, max, maxLength);
        List<Node> items = items(name, min, max);
        for (int i = 0; i < items.size(); i++) {
            MatchExpression expression = expression(items.get(i), pathOf(name) + "[" + i + "]", maxLength);
            if (expression != null) {
                expressions.add(expression);
            }
        }
        return expressions;
    }

    /** What looks like a template may stand in a literal or a comment: elsewhere it does not compile. */
    private @Nullable MatchExpression expression(Node value, String at, int maxLength) {
        return plainText(value, at, 1, maxLength) != null && value instanceof Scalar scalar
                ? Scalars.expression(source, scalar, at)
                : null;
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
        if (fields != null) {
            for (String key : fields.names()) {
                String text = fields.rawText(key);
                if (text != null) {
                    texts.put(key, text);
                }
            }
        }
        return texts;
    }

    /**
     * The names of all fields that are there.
     *
     * @return their names, in the order of the document
     */
    public List<String> names() {
        shape.seek(Shape.ANY_NAME);
        return List.copyOf(map.entries().keySet());
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
        shape.ask(name, Map.of("type", "integer", "minimum", min, "maximum", max));
        Node value = value(name);
        String text = value == null ? null : scalar(value, pathOf(name), Kind.NUMBER, "a number");
        if (text == null) {
            return null;
        }
        if (text.matches("0|-?[1-9]\\d{0,8}")) {
            int number = Integer.parseInt(text);
            if (number >= min && number <= max) {
                return number;
            }
        }
        findings.error(origin(name), "expected a whole number from " + min + " to " + max + ", found `" + text + "`");
        return null;
    }

    /**
     * True or false.
     *
     * @param name the field
     * @return the value, or null where the field is absent or wrong
     */
    public @Nullable Boolean flag(String name) {
        shape.ask(name, Map.of("type", "boolean"));
        Node value = value(name);
        String text = value == null ? null : scalar(value, pathOf(name), Kind.BOOLEAN, "`true` or `false`");
        return text == null ? null : Boolean.valueOf(text.equalsIgnoreCase("true"));
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
        String text = text(name, 1, 40);
        String expected = "expected a duration such as `5m` or `1h30m`";
        shape.ask(name, Map.of("pattern", Durations.WHOLE.pattern(), "patternErrorMessage", expected));
        if (text == null) {
            return null;
        }
        Duration duration = Durations.parse(text);
        if (duration == null) {
            findings.error(origin(name), expected + ", found `" + text + "`");
            return null;
        }
        if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
            findings.error(
                    origin(name),
                    "expected " + Durations.format(min) + " to " + Durations.format(max) + ", found `" + text + "`");
            return null;
        }
        return duration;
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
        meaning(name, choices.keySet());
        String text = text(name, 1, Integer.MAX_VALUE);
        if (text == null) {
            return null;
        }
        E chosen = choices.get(text);
        if (chosen == null) {
            findings.error(
                    origin(name),
                    "expected `" + String.join("`, `", choices.keySet()) + "`, found `" + shortened(text) + "`"
                            + Diagnostic.didYouMean(text, choices.keySet()));
        }
        return chosen;
    }

    /** The same, or another constant where the field is absent or wrong. */
    <E extends Enum<E>> E choice(String name, Class<E> constants, E otherwise) {
        E chosen = choice(name, constants);
        shape.ask(name, Map.of("default", camelCase(otherwise.name())));
        return chosen == null ? otherwise : chosen;
    }

    private static String camelCase(String constant) {
        StringBuilder text = new StringBuilder();
        for (String word : constant.split("_", -1)) {
            text.append(word.charAt(0)).append(word.substring(1).toLowerCase(java.util.Locale.ROOT));
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
        shape.ask(name, Map.of("type", "object"));
        Node value = value(name);
        return value == null ? null : fields(value, pathOf(name), shape.map(name));
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
        List<Fields> list = new ArrayList<>();
        shape.ask(name, Map.of("type", "array", "minItems", min, "maxItems", max, "items", Map.of("type", "object")));
        List<Node> items = items(name, min, max);
        for (int i = 0; i < items.size(); i++) {
            Fields fields = fields(items.get(i), pathOf(name) + "[" + i + "]", shape.map(name));
            if (fields != null) {
                list.add(fields);
            }
        }
        return list;
    }

    private @Nullable Fields fields(Node value, String at, Shape of) {
        if (value instanceof Mapping mapping) {
            return new Fields(source, mapping, at, findings, of);
        }
        mistyped(value, at, "a map");
        return null;
    }

    private List<Node> items(String name, int min, int max) {
        Node value = value(name);
        if (!(value instanceof Sequence sequence)) {
            if (value != null) {
                mistyped(value, pathOf(name), "a list");
            }
            return List.of();
        }
        int size = sequence.items().size();
        if (size < min || size > max) {
            findings.error(origin(name), "expected a list of " + min + " to " + max + ", found " + size);
            return List.of();
        }
        return sequence.items();
    }

    private @Nullable Node value(String name) {
        known.add(name);
        Entry entry = map.entries().get(name);
        return entry == null ? null : entry.value();
    }

    private @Nullable String text(Node value, String at, int min, int max) {
        String text = scalar(value, at, Kind.TEXT, "text");
        if (text == null) {
            return null;
        }
        if (TEMPLATE.matcher(text).find()) {
            findings.error(source.origin(value.index(), at), "a template was left unfilled; fill in its value");
            return null;
        }
        return plainText(value, at, min, max);
    }

    private @Nullable String plainText(Node value, String at, int min, int max) {
        String text = scalar(value, at, Kind.TEXT, "text");
        if (text == null) {
            return null;
        }
        if (CONTROL.matcher(text).find()) {
            findings.error(source.origin(value.index(), at), "a control character can't stand here");
            return null;
        }
        int length = text.codePointCount(0, text.length());
        if (length < min || length > max) {
            findings.error(
                    source.origin(value.index(), at),
                    length == 0
                            ? "must not be empty"
                            : "expected " + min + " to " + max + " characters, found " + length);
            return null;
        }
        return text;
    }

    private @Nullable String scalar(Node value, String at, Kind kind, String expected) {
        if (value instanceof Scalar scalar && scalar.kind() == kind) {
            return scalar.text();
        }
        mistyped(value, at, expected);
        return null;
    }

    private void mistyped(Node value, String at, String expected) {
        boolean quotable = expected.equals("text") && value instanceof Scalar scalar && scalar.kind() != Kind.NOTHING;
        String cure = quotable
                ? "; put it in quotes"
                : expected.equals("text") && value instanceof Mapping ? "; put single quotes around it" : "";
        findings.error(
                source.origin(value.index(), at), "expected " + expected + ", found " + value.description() + cure);
    }

    private static String shortened(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "...";
    }
}
