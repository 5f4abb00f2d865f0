package io.gatepost.routes;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A hostname of a listener or a route as the Gateway API reads it: exact, a wildcard for one or more leading labels, or
 * any host. Compared in lower case.
 *
 * @param text the name, {@code *.} in front for a wildcard; empty for any host
 */
public record HostPattern(String text) implements Comparable<HostPattern> {
    static final HostPattern ANY = new HostPattern("");

    /**
     * A pattern as documents write it.
     *
     * @param hostname the hostname; null or {@code *} for any host
     * @return the pattern
     */
    public static HostPattern of(@Nullable String hostname) {
        return hostname == null || hostname.equals("*") ? ANY : new HostPattern(hostname.toLowerCase(Locale.ROOT));
    }

    boolean isWildcard() {
        return text.startsWith("*.");
    }

    /** Whether a host name in lower case, without port, is one of this pattern's. */
    boolean matches(String host) {
        if (text.isEmpty()) {
            return true;
        }
        return isWildcard() ? host.length() > text.length() - 1 && host.endsWith(text.substring(1)) : host.equals(text);
    }

    /** The hosts that both patterns match; null where there are none. */
    @Nullable
    HostPattern and(HostPattern other) {
        boolean mineIsNarrow = compareTo(other) <= 0;
        HostPattern narrow = mineIsNarrow ? this : other;
        HostPattern wide = mineIsNarrow ? other : this;
        String example = narrow.isWildcard() ? "x" + narrow.text.substring(1) : narrow.text;
        return wide.matches(example) ? narrow : null;
    }

    /** The most specific first: exact, then the longest wildcard, then any host. */
    @Override
    public int compareTo(HostPattern other) {
        int kind = Integer.compare(kind(), other.kind());
        if (kind != 0) {
            return kind;
        }
        int length = Integer.compare(other.text.length(), text.length());
        return length != 0 ? length : text.compareTo(other.text);
    }

    private int kind() {
        return text.isEmpty() ? 2 : isWildcard() ? 1 : 0;
    }
}
