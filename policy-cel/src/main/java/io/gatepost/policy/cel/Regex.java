package io.gatepost.policy.cel;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Regular expressions of RE2's syntax, which take time linear in the text. Patterns have the same bounds wherever they
 * come from: repetitions are multiplied out before anything is compiled.
 */
final class Regex {
    private Regex() {}

    /** A {@link Failure} where it is no pattern or too large. */
    static Pattern compile(String pattern) {
        if (pattern.length() > CelLimits.REGEX_LENGTH || size(pattern) > CelLimits.REGEX_SIZE) {
            throw new Failure("the regular expression is too large");
        }
        RegexFolding folding = RegexFolding.of(pattern);
        if (folding.isEndless() || folding.width() > CelLimits.REGEX_FOLDED) {
            throw new Failure("the regular expression is too large to be matched in any case; write out both cases");
        }
        try {
            Pattern compiled = Pattern.compile(pattern);
            if (compiled.programSize() > CelLimits.REGEX_SIZE) {
                throw new Failure("the regular expression is too large");
            }
            return compiled;
        } catch (PatternSyntaxException e) {
            throw new Failure("the regular expression is not valid: " + e.getDescription());
        }
    }

    static Matcher matcher(String text, String pattern) {
        Pattern compiled = Evaluation.pattern(pattern);
        Evaluation.charge(steps(compiled, text.length()));
        return compiled.matcher(text);
    }

    /** Steps that it takes at most to look for a pattern in a text. */
    static long steps(Pattern compiled, int length) {
        return (long) length * compiled.programSize() / CelLimits.MATCHED_PER_STEP;
    }

    /** Steps that it takes at most to compile a pattern; none where that is refused. */
    static long cost(String pattern) {
        if (pattern.length() > CelLimits.REGEX_LENGTH) {
            return 0;
        }
        RegexFolding folding = RegexFolding.of(pattern);
        return folding.isEndless()
                ? 0
                : CelLimits.REGEX_COST
                        + 3L * pattern.length()
                        + (long) CelLimits.REGEX_CLASS_COST * namedClasses(pattern)
                        + folding.width() / CelLimits.ELEMENTS_PER_STEP;
    }

    /** How many Unicode classes there are, and what looks like one: each brings a table. */
    private static int namedClasses(String pattern) {
        int named = 0;
        for (int i = pattern.indexOf('\\'); i >= 0 && i + 1 < pattern.length(); i = pattern.indexOf('\\', i + 2)) {
            named += pattern.charAt(i + 1) == 'p' || pattern.charAt(i + 1) == 'P' ? 1 : 0;
        }
        return named;
    }

    /** About how many instructions a pattern has with its repetitions multiplied out; never less than half of them. */
    static long size(String pattern) {
        Deque<long[]> groups = new ArrayDeque<>();
        long[] group = {0, 0}; // what the group weighs, what its last atom weighs
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '(') {
                groups.push(group);
                group = new long[] {2, 0};
            } else if (c == ')' && !groups.isEmpty()) {
                long inner = group[0];
                group = groups.pop();
                add(group, inner);
            } else if (c == '{') {
                group[0] += group[1] * (repetitions(pattern, i) - 1);
                group[1] *= repetitions(pattern, i);
            } else if (c == '[') {
                i = endOfClass(pattern, i);
                add(group, 1);
            } else if (pattern.startsWith("\\Q", i)) {
                int end = pattern.indexOf("\\E", i);
                int last = end < 0 ? pattern.length() - 1 : end + 1;
                group[0] += last - i;
                group[1] = 1;
                i = last;
            } else {
                i += c == '\\' ? 1 : 0;
                add(group, 1);
            }
            if (group[0] > CelLimits.REGEX_SIZE) {
                return group[0];
            }
        }
        return groups.stream().mapToLong(open -> open[0]).sum() + group[0];
    }

    private static void add(long[] group, long atom) {
        group[0] += atom;
        group[1] = atom;
    }

    /** The larger number of a repetition such as {@code {2,5}}; 1 where the brace begins none. */
    private static long repetitions(String pattern, int brace) {
        int end = pattern.indexOf('}', brace);
        if (end < 0) {
            return 1;
        }
        long most = 1;
        for (String bound : pattern.substring(brace + 1, end).split(",", -1)) {
            if (!bound.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return 1;
            }
            if (!bound.isEmpty()) {
                most = Math.max(most, bound.length() > 4 ? CelLimits.REGEX_SIZE + 1L : Long.parseLong(bound));
            }
        }
        return most;
    }

    /** Where the bracket stands that closes a class. */
    static int endOfClass(String pattern, int start) {
        // A bracket right behind the opening one, or behind its negation, is a member.
        int i = pattern.startsWith("[^", start) ? start + 2 : start + 1;
        i = i < pattern.length() && pattern.charAt(i) == ']' ? i + 1 : i;
        while (i < pattern.length() && pattern.charAt(i) != ']') {
            int named = pattern.startsWith("[:", i) ? pattern.indexOf(":]", i) : -1;
            i = named >= 0 ? named + 2 : i + (pattern.charAt(i) == '\\' ? 2 : 1);
        }
        return i;
    }
}
