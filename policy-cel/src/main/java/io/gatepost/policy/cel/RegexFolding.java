package io.gatepost.policy.cel;

/**
 * What it takes to compile a pattern that is matched in any case. RE2/J looks through each range character by
 * character; and nine characters (U+1C80 to U+1C88) have other cases that lead round in a circle without coming back to
 * them, which it follows for ever.
 */
final class RegexFolding {
    private static final int FIRST_ENDLESS = 0x1c80;
    private static final int LAST_ENDLESS = 0x1c88;

    /** Characters outside have no other case, so that a class that reaches over all of these is left as it is. */
    private static final int FIRST = 'A';

    private static final int LAST = 0x1e943;

    private final String pattern;
    private long width;
    private boolean endless;
    private int at;

    private RegexFolding(String pattern) {
        this.pattern = pattern;
    }

    /** Rather too much than too little: flags count for the whole pattern, quoted parts as if they were not. */
    static RegexFolding of(String pattern) {
        RegexFolding folding = new RegexFolding(pattern);
        if (ignoresCase(pattern)) {
            folding.read();
        }
        return folding;
    }

    /** How many characters of ranges are looked through. */
    long width() {
        return width;
    }

    /** Whether it would never end. */
    boolean isEndless() {
        return endless;
    }

    /** Whether a flag {@code i} is set anywhere. */
    private static boolean ignoresCase(String pattern) {
        for (int i = pattern.indexOf("(?"); i >= 0; i = pattern.indexOf("(?", i + 2)) {
            for (int at = i + 2; at < pattern.length() && Character.isLetter(pattern.charAt(at)); at++) {
                if (pattern.charAt(at) == 'i') {
                    return true;
                }
            }
        }
        return false;
    }

    private void read() {
        while (at < pattern.length()) {
            if (pattern.charAt(at) == '[') {
                int end = Math.min(pattern.length(), Regex.endOfClass(pattern, at));
                at += pattern.startsWith("[^", at) ? 2 : 1;
                while (at < end) {
                    readMember(end);
                }
            } else {
                add(next(), 0);
            }
        }
    }

    private void readMember(int end) {
        int low = next();
        if (at + 1 < end && pattern.charAt(at) == '-') {
            at++;
            add(low, next());
        } else {
            add(low, 0);
        }
    }

    /** @param high 0 where it is one character */
    private void add(int low, int high) {
        int last = Math.max(low, high);
        if (low <= FIRST && last >= LAST) {
            return;
        }
        endless |= low <= LAST_ENDLESS && last >= FIRST_ENDLESS;
        width += Math.max(0, Math.min(last, LAST) - Math.max(low, FIRST));
    }

    private int next() {
        int character = pattern.codePointAt(at);
        at += Character.charCount(character);
        if (character != '\\' || at >= pattern.length()) {
            return character;
        }
        int escaped = pattern.codePointAt(at);
        at += Character.charCount(escaped);
        if (escaped == 'x') {
            return hexadecimal();
        }
        if (isOctal(escaped)) {
            return octal(escaped - '0');
        }
        // What other letters and digits stand for has no other case, or is a class with a table of its own.
        return Character.isLetterOrDigit(escaped) ? 0 : escaped;
    }

    private int octal(int first) {
        int number = first;
        for (int digits = 1; digits < 3 && at < pattern.length() && isOctal(pattern.charAt(at)); digits++) {
            number = number * 8 + pattern.charAt(at++) - '0';
        }
        return number;
    }

    private static boolean isOctal(int character) {
        return character >= '0' && character <= '7';
    }

    private int hexadecimal() {
        boolean braced = at < pattern.length() && pattern.charAt(at) == '{';
        int end = braced ? pattern.indexOf('}', at) : Math.min(at + 2, pattern.length());
        if (end < 0) {
            return 0; // no pattern
        }
        String digits = pattern.substring(braced ? at + 1 : at, end);
        at = braced ? end + 1 : end;
        try {
            return Integer.parseInt(digits, 16);
        } catch (NumberFormatException e) {
            return 0; // no pattern
        }
    }
}
