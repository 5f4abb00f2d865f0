package io.gatepost.policy.text;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A value of an expression as people read it: bounded, in one line, and the same text for the same value. */
public final class ShownValue {
    private static final int LENGTH = 200;
    /** More than is shown, so that a token is recognized by its head and its middle before it is cut. */
    private static final int LOOKED_AT = 16_384;

    private ShownValue() {}

    /**
     * The value as text.
     *
     * @param value a value as an expression or {@link StrictJson} gives it
     * @return the text in one line, of at most some 16,000 characters
     */
    public static String of(@Nullable Object value) {
        StringBuilder text = new StringBuilder();
        append(value, text);
        return text.toString();
    }

    /**
     * The value as a text that is fit to be shown.
     *
     * @param value a value, or null for a claim or header that is not there
     * @return the text {@linkplain #cut cut}; {@code absent} for null
     */
    public static String orAbsent(@Nullable Object value) {
        return value == null ? "absent" : cut(of(value));
    }

    /**
     * Cuts a text to what is fit to be shown.
     *
     * @param text the text
     * @return the same, or its first 200 characters and three dots
     */
    public static String cut(String text) {
        if (text.length() <= LENGTH) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(LENGTH - 1)) ? LENGTH - 1 : LENGTH;
        return text.substring(0, end) + "...";
    }

    private static void append(@Nullable Object value, StringBuilder text) {
        if (text.length() > LOOKED_AT) {
            return;
        }
        if (value instanceof CharSequence characters) {
            quote(characters, text);
        } else if (value instanceof byte[] bytes) {
            text.append(bytes.length).append(" bytes");
        } else if (value instanceof Map<?, ?> map) {
            append(map, text);
        } else if (value instanceof Collection<?> list) {
            append(list, text);
        } else {
            text.append(value);
        }
    }

    private static void append(Collection<?> list, StringBuilder text) {
        String separator = "[";
        for (Object element : list) {
            text.append(separator);
            append(element, text);
            separator = ", ";
            if (text.length() > LOOKED_AT) {
                break;
            }
        }
        text.append(list.isEmpty() ? "[]" : "]");
    }

    /** Sorted by name: a map's own order may be another one the next time. */
    private static void append(Map<?, ?> map, StringBuilder text) {
        List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
        entries.sort((one, other) -> String.valueOf(one.getKey()).compareTo(String.valueOf(other.getKey())));
        String separator = "{";
        for (Map.Entry<?, ?> entry : entries) {
            text.append(separator);
            append(entry.getKey(), text);
            append(entry.getValue(), text.append(": "));
            separator = ", ";
            if (text.length() > LOOKED_AT) {
                break;
            }
        }
        text.append(map.isEmpty() ? "{}" : "}");
    }

    /** As in JSON (RFC 8259 section 7), so that no line breaks and no control character comes into a log. */
    private static void quote(CharSequence characters, StringBuilder text) {
        text.append('"');
        characters.chars().limit(LOOKED_AT).forEach(c -> {
            if (c == '"' || c == '\\') {
                text.append('\\').append((char) c);
            } else if (Character.isISOControl(c) || c == 0x2028 || c == 0x2029) {
                text.append(String.format("\\u%04x", c));
            } else {
                text.append((char) c);
            }
        });
        text.append('"');
    }
}
