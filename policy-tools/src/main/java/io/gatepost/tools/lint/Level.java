package io.gatepost.tools.lint;

import java.util.Locale;

/** How grave a finding is, gravest first. */
public enum Level {
    /** It can't be what was meant. */
    ERROR,
    /** It is doubtful: it is either a mistake, or worth saying that it is none. */
    WARNING,
    /** It is worth knowing. */
    INFO;

    /**
     * Whether this is as grave as another one.
     *
     * @param other the other one
     * @return true where it is, or graver
     */
    public boolean isAtLeast(Level other) {
        return compareTo(other) <= 0;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
