package io.gatepost.policy.document;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Says in our words what the YAML and JSON parsers complain about. Their own words may quote the text, and so a secret.
 */
final class SyntaxProblems {
    private static final Map<String, String> CURES = cures();

    private SyntaxProblems() {}

    private static Map<String, String> cures() {
        Map<String, String> cures = new LinkedHashMap<>();
        cures.put("(TAB)", "a tab can't indent; use spaces");
        cures.put("unexpected end of stream", "the quote that opens here is never closed");
        cures.put("unexpected document separator", "the quote that opens here is never closed");
        cures.put("but got <", "the bracket that opens here is never closed");
        cures.put("Unexpected end-of-input", "the text ends before the brackets are closed");
        cures.put("Expected a property name", "a key can't be a map or a list; fill in templates (`{{ }}`) first");
        cures.put("mapping values are not allowed", "a `: ` too many; check the indentation, or quote the value");
        cures.put("expected <block end>", "the indentation does not fit the lines above");
        cures.put("could not find expected ':'", "expected `: ` behind a key");
        cures.put("cannot start any token", "this character can't start a value; quote the value");
        cures.put("unknown escape character", "an escape that YAML does not know; use single quotes, or `\\\\`");
        cures.put("undefined tag handle", "tags are not known; leave the tag out, or quote the value");
        cures.put("expected '<document start>'", "expected `---` before another document");
        return cures;
    }

    /** Whether a problem is best told where the thing starts, not where it was missed. */
    static boolean isAboutItsStart(String message) {
        return message.contains("unexpected end of stream")
                || message.contains("unexpected document separator")
                || message.contains("but got <");
    }

    static String describe(String message) {
        for (Map.Entry<String, String> cure : CURES.entrySet()) {
            if (message.contains(cure.getKey())) {
                return cure.getValue();
            }
        }
        String problem = lastUnindented(message);
        return problem.startsWith("found ") || problem.startsWith("expected ") ? problem : "this can't be parsed";
    }

    /** Indented lines are places and excerpts of the text. */
    private static String lastUnindented(String message) {
        return message.lines()
                .filter(line -> !line.startsWith(" "))
                .reduce("", (context, problem) -> problem)
                .toLowerCase(Locale.ROOT);
    }
}
