package io.gatepost.policy.document;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.document.Node.Mapping;
import io.gatepost.policy.document.Node.Scalar;
import io.gatepost.policy.document.Node.Scalar.Kind;
import io.gatepost.policy.document.Node.Sequence;
import io.gatepost.policy.model.MatchExpression;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads single values by their type. A method tells what is wrong with a value and then returns null, as it does for no
 * value; {@code at} is the value's path, for the message.
 */
final class Values {
    private static final Pattern TEMPLATE = Pattern.compile("\\{\\{.*}}|\\$\\{[A-Za-z_][A-Za-z0-9_]*}", Pattern.DOTALL);
    private static final Pattern WHOLE_NUMBER = Pattern.compile("0|-?[1-9]\\d{0,8}");
    private static final int MAX_SHOWN = 40;

    private final Source source;
    private final Findings findings;

    Values(Source source, Findings findings) {
        this.source = source;
        this.findings = findings;
    }

    private void error(Node value, String at, String message) {
        findings.error(source.origin(value.index(), at), message);
    }

    /** A text without templates and control characters; {@code min} and {@code max} count characters. */
    @Nullable
    String text(@Nullable Node value, String at, int min, int max) {
        String text = rawText(value, at);
        if (value == null || text == null) {
            return null;
        }
        if (text.indexOf('{') >= 0 && TEMPLATE.matcher(text).find()) {
            error(value, at, "a template was left unfilled; fill in its value");
            return null;
        }
        return withinLimits(value, text, at, min, max);
    }

    private @Nullable String withinLimits(Node value, String text, String at, int min, int max) {
        if (hasControl(text)) {
            error(value, at, "a control character can't stand here");
            return null;
        }
        int length = text.codePointCount(0, text.length());
        if (length < min || length > max) {
            error(
                    value,
                    at,
                    length == 0
                            ? "must not be empty"
                            : "expected " + min + " to " + max + " characters, found " + length);
            return null;
        }
        return text;
    }

    private static boolean hasControl(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Source.isControl(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    /** A text as it stands. */
    @Nullable
    String rawText(@Nullable Node value, String at) {
        return scalar(value, at, Kind.TEXT, "text");
    }

    /** A text that matches a pattern. */
    @Nullable
    String matching(@Nullable Node value, String at, int max, Pattern pattern, String expected) {
        String text = text(value, at, 1, max);
        if (value == null || text == null || pattern.matcher(text).matches()) {
            return text;
        }
        error(value, at, expected);
        return null;
    }

    /** An expression. What looks like a template may stand in a literal or a comment: elsewhere it does not compile. */
    @Nullable
    MatchExpression expression(@Nullable Node value, String at, int maxLength) {
        String text = rawText(value, at);
        return value instanceof Scalar scalar && text != null && withinLimits(value, text, at, 1, maxLength) != null
                ? Scalars.expression(source, scalar, at)
                : null;
    }

    @Nullable
    Integer integer(@Nullable Node value, String at, int min, int max) {
        String text = scalar(value, at, Kind.NUMBER, "a number");
        if (value == null || text == null) {
            return null;
        }
        if (WHOLE_NUMBER.matcher(text).matches()) {
            int number = Integer.parseInt(text);
            if (number >= min && number <= max) {
                return number;
            }
        }
        error(value, at, "expected a whole number from " + min + " to " + max + ", found `" + text + "`");
        return null;
    }

    @Nullable
    Boolean flag(@Nullable Node value, String at) {
        String text = scalar(value, at, Kind.BOOLEAN, "`true` or `false`");
        return text == null ? null : Boolean.valueOf(text.equalsIgnoreCase("true"));
    }

    /** @param expected what to say of a text that is no duration */
    @Nullable
    Duration duration(@Nullable Node value, String at, Duration min, Duration max, String expected) {
        String text = text(value, at, 1, Durations.MAX_LENGTH);
        if (value == null || text == null) {
            return null;
        }
        Duration duration = Durations.parse(text);
        if (duration == null) {
            error(value, at, expected + ", found `" + text + "`");
            return null;
        }
        if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
            String limits = Durations.format(min) + " to " + Durations.format(max);
            error(value, at, "expected " + limits + ", found `" + text + "`");
            return null;
        }
        return duration;
    }

    /** One of some things, by its name. */
    <T> @Nullable T choice(@Nullable Node value, String at, Map<String, T> choices) {
        String text = text(value, at, 1, Integer.MAX_VALUE);
        if (value == null || text == null) {
            return null;
        }
        T chosen = choices.get(text);
        if (chosen == null) {
            String shown = text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
            error(
                    value,
                    at,
                    "expected `" + String.join("`, `", choices.keySet()) + "`, found `" + shown + "`"
                            + Diagnostic.didYouMean(text, choices.keySet()));
        }
        return chosen;
    }

    @Nullable
    Mapping map(@Nullable Node value, String at) {
        if (value instanceof Mapping mapping) {
            return mapping;
        }
        if (value != null) {
            mistyped(value, at, "a map");
        }
        return null;
    }

    /** How the items of a list are read. */
    interface Items<T> {
        /** The item, or null where it is wrong, which has been told. */
        @Nullable
        T read(Node item, String at);
    }

    /** The items that can be read; none where there is no list, or where it has too few or too many. */
    <T> List<T> list(@Nullable Node value, String at, int min, int max, Items<T> items) {
        List<T> read = new ArrayList<>();
        if (value instanceof Sequence sequence) {
            int size = sequence.items().size();
            if (size < min || size > max) {
                error(value, at, "expected a list of " + min + " to " + max + ", found " + size);
                return read;
            }
            for (int i = 0; i < size; i++) {
                T item = items.read(sequence.items().get(i), at + "[" + i + "]");
                if (item != null) {
                    read.add(item);
                }
            }
        } else if (value != null) {
            mistyped(value, at, "a list");
        }
        return read;
    }

    private @Nullable String scalar(@Nullable Node value, String at, Kind kind, String expected) {
        if (value instanceof Scalar scalar && scalar.kind() == kind) {
            return scalar.text();
        }
        if (value != null) {
            mistyped(value, at, expected);
        }
        return null;
    }

    private void mistyped(Node value, String at, String expected) {
        boolean quotable = expected.equals("text") && value instanceof Scalar scalar && scalar.kind() != Kind.NOTHING;
        String cure = quotable
                ? "; put it in quotes"
                : expected.equals("text") && value instanceof Mapping ? "; put single quotes around it" : "";
        error(value, at, "expected " + expected + ", found " + value.description() + cure);
    }
}
