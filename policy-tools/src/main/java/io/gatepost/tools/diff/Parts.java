package io.gatepost.tools.diff;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.expression.PatternCompiler;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.ObjectName;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a record says, part by part, so that no part is left out: all components count, but for where they were written
 * and for compiled patterns, whose text counts. Not instantiable.
 */
final class Parts {
    private static final String REDACTED = "[redacted]";

    private Parts() {}

    /** The parts of a record by their names, each in one line. */
    static Map<String, String> of(Record whole) {
        Map<String, String> parts = new LinkedHashMap<>();
        components(whole).forEach((name, value) -> parts.put(name, told(value)));
        return parts;
    }

    /** The parts of a record and of the records within it, by their paths. */
    static Map<String, String> deep(Record whole) {
        Map<String, String> parts = new LinkedHashMap<>();
        addDeep("", whole, parts);
        return parts;
    }

    private static void addDeep(String path, @Nullable Object value, Map<String, String> parts) {
        if (value instanceof List<?> list && list.stream().anyMatch(Record.class::isInstance)) {
            for (int i = 0; i < list.size(); i++) {
                addDeep(path + "[" + i + "]", list.get(i), parts);
            }
        } else if (value instanceof Record one && !isLeaf(one)) {
            components(one).forEach((name, part) -> addDeep(path.isEmpty() ? name : path + "." + name, part, parts));
        } else {
            parts.put(path, told(value));
        }
    }

    private static boolean isLeaf(Record value) {
        return value instanceof ObjectName || value instanceof MatchExpression || hides(value);
    }

    /** One that keeps a secret out of its text keeps it out of this one too. */
    private static boolean hides(Record value) {
        return value.toString().endsWith(REDACTED);
    }

    static Map<String, @Nullable Object> components(Record whole) {
        Map<String, @Nullable Object> components = new LinkedHashMap<>();
        for (RecordComponent component : whole.getClass().getRecordComponents()) {
            if (component.getType() != Origin.class && component.getType() != PatternCompiler.Pattern.class) {
                components.put(component.getName(), value(whole, component));
            }
        }
        return components;
    }

    private static @Nullable Object value(Record whole, RecordComponent component) {
        try {
            return component.getAccessor().invoke(whole);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("`" + component.getName() + "` can't be read", e);
        }
    }

    /** Sets in their order, since they have none. */
    static String told(@Nullable Object value) {
        if (value == null) {
            return "none";
        }
        if (value instanceof Enum<?> constant) {
            return word(constant);
        }
        if (value instanceof Duration duration) {
            return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, String> sorted = new TreeMap<>();
            map.forEach((name, one) -> sorted.put(String.valueOf(name), told(one)));
            return sorted.toString();
        }
        if (value instanceof Collection<?> several) {
            Stream<String> texts = several.stream().map(Parts::told);
            return (several instanceof Set ? texts.sorted() : texts).collect(Collectors.joining(", ", "[", "]"));
        }
        if (value instanceof MatchExpression expression) {
            return "`" + plain(expression.text()) + "`";
        }
        if (value instanceof Record one && !isLeaf(one)) {
            return of(one).entrySet().stream()
                    .map(part -> part.getKey() + "=" + part.getValue())
                    .collect(Collectors.joining(", ", one.getClass().getSimpleName() + "[", "]"));
        }
        return value.toString();
    }

    /** An expression in one line, with single blanks outside of what is quoted. */
    static String plain(String expression) {
        StringBuilder plain = new StringBuilder();
        char quote = 0;
        for (int i = 0; i < expression.length(); i++) {
            char c = expression.charAt(i);
            boolean escaped = quote != 0 && c == '\\' && i + 1 < expression.length();
            if (quote == 0 && Character.isWhitespace(c)) {
                if (!plain.isEmpty() && plain.charAt(plain.length() - 1) != ' ') {
                    plain.append(' ');
                }
            } else {
                plain.append(c);
            }
            if (escaped) {
                plain.append(expression.charAt(++i));
            } else if (c == '"' || c == '\'') {
                quote = quote == 0 ? c : quote == c ? 0 : quote;
            }
        }
        return plain.toString().strip();
    }

    /** As documents write it, such as {@code PostRouting}. */
    static String word(Enum<?> constant) {
        return Stream.of(constant.name().split("_", -1))
                .map(part -> part.charAt(0) + part.substring(1).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining());
    }
}
