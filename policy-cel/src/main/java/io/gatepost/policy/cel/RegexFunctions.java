package io.gatepost.policy.cel;

import com.google.re2j.Matcher;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;

/** Regular expressions: {@code matches} and {@code regexReplace}. */
final class RegexFunctions {
    private static final CelType STRING = SimpleType.STRING;

    private RegexFunctions() {}

    static void addTo(Functions functions) {
        functions.global("matches", SimpleType.BOOL, args -> matches(args), STRING, STRING);
        functions.member("matches", SimpleType.BOOL, args -> matches(args), STRING, STRING);
        functions.member(
                "regexReplace",
                STRING,
                args -> replace((String) args[0], (String) args[1], (String) args[2]),
                STRING,
                STRING,
                STRING);
    }

    /** Anywhere in the text. */
    private static boolean matches(Object[] args) {
        return Regex.matcher((String) args[0], (String) args[1]).find();
    }

    /** The first match only. */
    private static String replace(String text, String pattern, String replacement) {
        Matcher match = Regex.matcher(text, pattern);
        if (!match.find()) {
            return text;
        }
        Evaluation.charge(replacement.length() / CelLimits.ENCODED_PER_STEP);
        String replaced = expand(match, replacement);
        Evaluation.allowed((long) text.length() + replaced.length());
        return text.substring(0, match.start()) + replaced + text.substring(match.end());
    }

    /**
     * A replacement with {@code $1}, {@code $name} and {@code ${name}} filled in; a group that isn't there is empty.
     */
    private static String expand(Matcher match, String replacement) {
        StringBuilder expanded = new StringBuilder();
        int i = 0;
        while (i < replacement.length()) {
            int end = replacement.charAt(i) == '$' ? endOfReference(replacement, i + 1) : -1;
            if (end < 0) {
                expanded.append(replacement.charAt(i++));
            } else {
                String name = replacement.substring(i + 1, end);
                expanded.append(name.equals("$") ? "$" : group(match, name.replaceAll("[{}]", "")));
                i = end;
            }
            Evaluation.limit(expanded.length());
        }
        return expanded.toString();
    }

    /** Where the name behind a dollar sign ends; negative where none follows. */
    private static int endOfReference(String text, int start) {
        if (text.startsWith("$", start)) {
            return start + 1;
        }
        boolean braced = text.startsWith("{", start);
        int i = braced ? start + 1 : start;
        int begin = i;
        while (i < text.length() && (Character.isLetterOrDigit(text.charAt(i)) || text.charAt(i) == '_')) {
            i++;
        }
        if (i == begin || (braced && !text.startsWith("}", i))) {
            return -1;
        }
        return braced ? i + 1 : i;
    }

    private static String group(Matcher match, String name) {
        if (name.matches("[0-9]{1,4}")) {
            int number = Integer.parseInt(name);
            String group = number <= match.groupCount() ? match.group(number) : null;
            return group == null ? "" : group;
        }
        String group = match.pattern().namedGroups().containsKey(name) ? match.group(name) : null;
        return group == null ? "" : group;
    }
}
