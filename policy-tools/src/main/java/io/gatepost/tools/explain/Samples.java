package io.gatepost.tools.explain;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** Texts that a regular expression matches, for the plain ones that policies use. Not thread-safe. */
final class Samples {
    private static final int MOST = 120;

    private final String pattern;
    private final Map<Integer, Integer> wanted;
    private final List<Integer> options = new ArrayList<>();
    private int at;

    /** @param wanted which option to take at some of the points where there are several; the first one at the others */
    private Samples(String pattern, Map<Integer, Integer> wanted) {
        this.pattern = pattern;
        this.wanted = wanted;
    }

    /** A text with a match; null where none was found. */
    static @Nullable String of(String regex) {
        return of(regex, new Samples(regex, Map.of()));
    }

    /** Texts with a match: each alternative, each end of a range of characters, few repetitions and more. */
    static Set<String> all(String regex) {
        Set<String> all = new LinkedHashSet<>();
        Samples first = new Samples(regex, Map.of());
        add(of(regex, first), all);
        for (int point = 0; point < first.options.size(); point++) {
            for (int option = 1; option < first.options.get(point) && all.size() < MOST; option++) {
                add(of(regex, new Samples(regex, Map.of(point, option))), all);
            }
        }
        for (int one = 0; one < first.options.size(); one++) {
            for (int other = one + 1; other < first.options.size() && all.size() < MOST; other++) {
                add(of(regex, new Samples(regex, Map.of(one, 1, other, 1))), all);
            }
        }
        return all;
    }

    private static void add(@Nullable String sample, Set<String> all) {
        if (sample != null) {
            all.add(sample);
        }
    }

    private static @Nullable String of(String regex, Samples samples) {
        try {
            String text = samples.alternatives();
            Matcher matcher = Pattern.compile(regex).matcher(text);
            return matcher.find() ? text : null;
        } catch (PatternSyntaxException | StringIndexOutOfBoundsException | NumberFormatException beyond) {
            return null;
        }
    }

    private <T> T oneOf(List<T> several) {
        int option = wanted.getOrDefault(options.size(), 0);
        options.add(several.size());
        return several.get(Math.min(option, several.size() - 1));
    }

    private String alternatives() {
        List<String> all = new ArrayList<>(List.of(sequence()));
        while (at < pattern.length() && pattern.charAt(at) == '|') {
            at++;
            all.add(sequence());
        }
        return oneOf(all);
    }

    private String sequence() {
        StringBuilder text = new StringBuilder();
        while (at < pattern.length() && "|)".indexOf(pattern.charAt(at)) < 0) {
            String atom = atom();
            text.append(atom.repeat(oneOf(repetitions())));
        }
        return text.toString();
    }

    private String atom() {
        char c = pattern.charAt(at++);
        return switch (c) {
            case '^', '$' -> "";
            case '.' -> oneOf(List.of("x", "/", "0"));
            case '\\' -> oneOf(escaped(pattern.charAt(at++)));
            case '[' -> oneOf(ofClass());
            case '(' -> group();
            default -> String.valueOf(c);
        };
    }

    private static List<String> escaped(char c) {
        return switch (c) {
            case 'd' -> List.of("1", "0", "9");
            case 'w' -> List.of("x", "A", "0", "_");
            case 's' -> List.of(" ");
            case 'D', 'S', 'W' -> List.of("-");
            case 'b', 'A', 'z' -> List.of("");
            default -> List.of(String.valueOf(c));
        };
    }

    private List<String> ofClass() {
        boolean negated = pattern.charAt(at) == '^';
        int start = negated ? at + 1 : at;
        int end = pattern.indexOf(']', start + 1);
        at = end + 1;
        String members = pattern.substring(start, end);
        if (negated) {
            return "xyz0-_/.@A"
                    .chars()
                    .filter(c -> members.indexOf(c) < 0)
                    .mapToObj(c -> String.valueOf((char) c))
                    .toList();
        }
        List<String> ends = new ArrayList<>();
        for (int i = 0; i < members.length(); i++) {
            char c = members.charAt(i);
            boolean inner = c == '-' && i > 0 && i + 1 < members.length();
            if (c == '\\' && i + 1 < members.length()) {
                ends.addAll(escaped(members.charAt(++i)));
            } else if (!inner) {
                ends.add(String.valueOf(c));
            }
        }
        return ends;
    }

    private String group() {
        if (pattern.startsWith("?", at)) {
            int flags = pattern.indexOf(')', at);
            int inner = Math.max(pattern.indexOf(':', at), pattern.indexOf('>', at));
            if (inner < 0 || flags < inner) {
                at = flags + 1;
                return "";
            }
            at = inner + 1;
        }
        String text = alternatives();
        at++;
        return text;
    }

    /** As few as may be but one where that is as good, and more. */
    private List<Integer> repetitions() {
        if (at >= pattern.length()) {
            return List.of(1);
        }
        List<Integer> times = new ArrayList<>();
        char c = pattern.charAt(at);
        if (c == '{') {
            int end = pattern.indexOf('}', at);
            String[] bounds = pattern.substring(at + 1, end).split(",", -1);
            int least = Integer.parseInt(bounds[0]);
            times.add(least);
            times.add(bounds.length == 1 ? least : bounds[1].isEmpty() ? least + 2 : Integer.parseInt(bounds[1]));
            at = end + 1;
        } else if ("*+?".indexOf(c) >= 0) {
            times.addAll(c == '*' ? List.of(1, 0, 3) : c == '+' ? List.of(1, 3) : List.of(1, 0));
            at++;
        } else {
            return List.of(1);
        }
        if (at < pattern.length() && "?+".indexOf(pattern.charAt(at)) >= 0) {
            at++;
        }
        return times;
    }
}
