package io.gatepost.testkit.explain;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** A text that a regular expression matches, for the plain ones that policies use. Not thread-safe. */
final class Samples {
    private final String pattern;
    private int at;

    private Samples(String pattern) {
        this.pattern = pattern;
    }

    /** A text with a match; null where none was found. */
    static @Nullable String of(String regex) {
        try {
            String text = new Samples(regex).alternatives();
            Matcher matcher = Pattern.compile(regex).matcher(text);
            return matcher.find() ? text : null;
        } catch (PatternSyntaxException | StringIndexOutOfBoundsException | NumberFormatException beyond) {
            return null;
        }
    }

    /** The first one counts; the others are only passed over. */
    private String alternatives() {
        String first = sequence();
        while (at < pattern.length() && pattern.charAt(at) == '|') {
            at++;
            sequence();
        }
        return first;
    }

    private String sequence() {
        StringBuilder text = new StringBuilder();
        while (at < pattern.length() && "|)".indexOf(pattern.charAt(at)) < 0) {
            String atom = atom();
            text.append(atom.repeat(repetitions()));
        }
        return text.toString();
    }

    private String atom() {
        char c = pattern.charAt(at++);
        return switch (c) {
            case '^', '$' -> "";
            case '.' -> "x";
            case '\\' -> escaped(pattern.charAt(at++));
            case '[' -> oneOfClass();
            case '(' -> group();
            default -> String.valueOf(c);
        };
    }

    private static String escaped(char c) {
        return switch (c) {
            case 'd' -> "1";
            case 'w' -> "x";
            case 's' -> " ";
            case 'b', 'A', 'z' -> "";
            default -> String.valueOf(c);
        };
    }

    private String oneOfClass() {
        boolean negated = pattern.charAt(at) == '^';
        int start = negated ? at + 1 : at;
        int end = pattern.indexOf(']', start + 1);
        at = end + 1;
        if (negated) {
            String excluded = pattern.substring(start, end);
            return "xyz0-_"
                    .chars()
                    .filter(c -> excluded.indexOf(c) < 0)
                    .mapToObj(c -> String.valueOf((char) c))
                    .findFirst()
                    .orElse("q");
        }
        return pattern.charAt(start) == '\\'
                ? escaped(pattern.charAt(start + 1))
                : String.valueOf(pattern.charAt(start));
    }

    private String group() {
        if (pattern.startsWith("?", at)) {
            at = Math.max(pattern.indexOf(':', at), pattern.indexOf('>', at)) + 1;
        }
        String text = alternatives();
        at++;
        return text;
    }

    private int repetitions() {
        if (at >= pattern.length()) {
            return 1;
        }
        int times = 1;
        char c = pattern.charAt(at);
        if (c == '{') {
            int end = pattern.indexOf('}', at);
            times = Integer.parseInt(pattern.substring(at + 1, end).split(",", -1)[0]);
            at = end + 1;
        } else if ("*+?".indexOf(c) >= 0) {
            at++;
        } else {
            return 1;
        }
        if (at < pattern.length() && "?+".indexOf(pattern.charAt(at)) >= 0) {
            at++;
        }
        return times;
    }
}
