package io.gatepost.policy.cel;

/**
 * Finds one text in another in time linear in both (Knuth, Morris and Pratt 1977): {@code String.indexOf} takes the
 * product of their lengths where a client chooses them so.
 */
final class TextSearch {
    private static final int SHORT = 4;
    private final String part;
    private final int[] borders;

    /** Charges for preparing a search and going through the whole text. */
    static void charge(String text, String part) {
        Evaluation.charge(steps(text, part));
    }

    /** What preparing a search and going through the whole text costs. */
    static long steps(String text, String part) {
        int perStep = part.length() <= SHORT ? CelLimits.SEARCHED_PER_STEP : CelLimits.PARSED_PER_STEP;
        return ((long) text.length() + part.length()) / perStep;
    }

    TextSearch(String part) {
        this.part = part;
        borders = part.length() <= SHORT ? new int[0] : borders(part);
    }

    /** For each beginning of the text, how long the longest end of it is that is a beginning too. */
    private static int[] borders(String text) {
        int[] borders = new int[text.length()];
        int matched = 0;
        for (int i = 1; i < text.length(); i++) {
            while (matched > 0 && text.charAt(i) != text.charAt(matched)) {
                matched = borders[matched - 1];
            }
            matched += text.charAt(i) == text.charAt(matched) ? 1 : 0;
            borders[i] = matched;
        }
        return borders;
    }

    /** Where the part first begins at or behind an index; -1 where it doesn't. */
    int in(String text, int from) {
        if (borders.length == 0) {
            return text.indexOf(part, from);
        }
        int matched = 0;
        for (int i = from; i < text.length(); i++) {
            while (matched > 0 && text.charAt(i) != part.charAt(matched)) {
                matched = borders[matched - 1];
            }
            matched += text.charAt(i) == part.charAt(matched) ? 1 : 0;
            if (matched == part.length()) {
                return i + 1 - matched;
            }
        }
        return -1;
    }

    /** Where the part last begins in a text; -1 where it doesn't. */
    static int last(String text, String part) {
        int found = new TextSearch(reversed(part)).in(reversed(text), 0);
        return found < 0 ? -1 : text.length() - found - part.length();
    }

    /** Reversed unit by unit, so that indices can be counted back; no text to show. */
    private static String reversed(String text) {
        char[] units = new char[text.length()];
        for (int i = 0; i < units.length; i++) {
            units[i] = text.charAt(units.length - 1 - i);
        }
        return new String(units);
    }
}
