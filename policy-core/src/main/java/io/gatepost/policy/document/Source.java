package io.gatepost.policy.document;

import io.gatepost.policy.diagnostic.Origin;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text and the lines in it; places are counted in code points. */
final class Source {
    private static final Pattern ACCEPTANCE =
            Pattern.compile("(?:^|\\s)#\\s*lint:\\s*accept\\s+([a-z0-9-]+(?:\\s*,\\s*[a-z0-9-]+)*)");

    private final String name;
    private final int[] text;
    private final int[] lineStarts;

    Source(String name, String text) {
        this.name = name;
        this.text = codePoints(text);
        lineStarts = lineStarts();
    }

    private static int[] codePoints(String text) {
        int[] points = new int[text.codePointCount(0, text.length())];
        int place = 0;
        for (int point = 0; point < points.length; point++) {
            points[point] = text.codePointAt(place);
            place += Character.charCount(points[point]);
        }
        return points;
    }

    private int[] lineStarts() {
        int[] starts = new int[16];
        int lines = 1;
        for (int i = 0; i < text.length; i++) {
            if (text[i] == '\n' || (text[i] == '\r' && at(i + 1) != '\n')) {
                if (lines == starts.length) {
                    starts = Arrays.copyOf(starts, lines * 2);
                }
                starts[lines++] = i + 1;
            }
        }
        return Arrays.copyOf(starts, lines);
    }

    String name() {
        return name;
    }

    /** The code point at a place, -1 behind the end. */
    int at(int index) {
        return index < text.length ? text[index] : -1;
    }

    Origin origin(int index, String path) {
        int found = Arrays.binarySearch(lineStarts, index);
        int line = found >= 0 ? found : -found - 2;
        return new Origin(name, line + 1, index - lineStarts[line] + 1, path);
    }

    Origin end() {
        return origin(text.length, "");
    }

    /** The place of the first character that neither YAML nor JSON may hold, -1 where there is none. */
    int firstControlCharacter() {
        for (int i = 0; i < text.length; i++) {
            int c = text[i];
            boolean noCharacter = (c >= 0xD800 && c <= 0xDFFF) || c == 0xFFFE || c == 0xFFFF;
            if (isControl(c) || noCharacter) {
                return i;
            }
        }
        return -1;
    }

    /** Whether this is a control character of ASCII other than those that part words and lines. */
    static boolean isControl(int c) {
        return (c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
    }

    /** The place of a line and column, both 1-based; the end where there is no such line. */
    int index(int line, int column) {
        return line > lineStarts.length ? text.length : Math.min(text.length, lineStarts[line - 1] + column - 1);
    }

    /**
     * Whether a comment {@code # lint: accept id} accepts what is found at a place, as {@code lint} reads it: on its
     * line, or alone on the lines before.
     */
    boolean isAccepted(int index, String id) {
        int line = lineOf(index);
        if (accepts(text(line), id)) {
            return true;
        }
        for (int before = line - 1; before >= 0; before--) {
            String text = text(before).strip();
            if (!text.isEmpty() && !text.startsWith("#")) {
                return false;
            }
            if (accepts(text, id)) {
                return true;
            }
        }
        return false;
    }

    private static boolean accepts(String line, String id) {
        Matcher comment = ACCEPTANCE.matcher(line);
        return comment.find()
                && Arrays.asList(comment.group(1).split("\\s*,\\s*", -1)).contains(id);
    }

    private int lineOf(int index) {
        int found = Arrays.binarySearch(lineStarts, index);
        return found >= 0 ? found : -found - 2;
    }

    /** The line that a place is in. */
    String line(int index) {
        return text(lineOf(index));
    }

    private String text(int line) {
        int end = line + 1 < lineStarts.length ? lineStarts[line + 1] : text.length;
        return new String(text, lineStarts[line], end - lineStarts[line]).stripTrailing();
    }

    /** Where the next document behind {@code before} starts, in the line of {@code index} or later; -1: nowhere. */
    int nextDocument(int before, int index) {
        int found = Arrays.binarySearch(lineStarts, index);
        for (int line = found >= 0 ? found : -found - 2; line < lineStarts.length; line++) {
            int start = lineStarts[line];
            if (start > before
                    && at(start) == '-'
                    && at(start + 1) == '-'
                    && at(start + 2) == '-'
                    && isBlank(at(start + 3))) {
                return start;
            }
        }
        return -1;
    }

    String from(int index) {
        return new String(text, index, text.length - index);
    }

    /** Whether this is white space, a line break or the end. */
    static boolean isBlank(int codePoint) {
        return codePoint == ' ' || codePoint == '\t' || codePoint == '\n' || codePoint == '\r' || codePoint == -1;
    }
}
