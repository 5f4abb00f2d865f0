package io.gatepost.policy;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Refuses paths that two servers could read in two ways: dot segments (RFC 3986 section 5.2.4), plain or
 * percent-encoded, backslashes, NUL and control characters, and percent signs that encode nothing.
 */
public final class RequestTarget {
    private RequestTarget() {}

    /**
     * Says what is wrong with a path. A gateway asks before it chooses a route; the engine asks again.
     *
     * @param path the path as it is sent on, not decoded
     * @return what is wrong, without any of the path's text; null for a path that has one reading
     */
    public static @Nullable String problem(String path) {
        if (!path.startsWith("/") && !path.equals("*")) {
            return "the path does not begin with a slash";
        }
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c < 0x21 || c == 0x7f || c > 0x7e) {
                return "the path has a blank, a control character or a character outside ASCII";
            }
            if (c == '\\') {
                return "the path has a backslash";
            }
            if (c == '#') {
                return "the path has a number sign";
            }
            if (c == '%') {
                int octet = i + 2 < path.length() ? octet(path, i) : -1;
                if (octet < 0) {
                    return "the path has a percent sign that encodes nothing";
                }
                if (octet < 0x20 || octet == 0x7f) {
                    return "the path has an encoded control character";
                }
                if (octet == '\\') {
                    return "the path has an encoded backslash";
                }
            }
        }
        return hasDotSegment(path) ? "the path has a dot segment" : null;
    }

    private static int octet(String path, int percent) {
        int high = Character.digit(path.charAt(percent + 1), 16);
        int low = Character.digit(path.charAt(percent + 2), 16);
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }

    private static boolean hasDotSegment(String path) {
        if (path.indexOf('.') < 0 && path.indexOf('%') < 0) {
            return false;
        }
        // An encoded slash may become a separator behind us, and what follows a semicolon a path parameter.
        String plain = path.toLowerCase(Locale.ROOT).replace("%2e", ".").replace("%2f", "/");
        for (String segment : plain.split("/", -1)) {
            int parameter = segment.indexOf(';');
            String name = parameter < 0 ? segment : segment.substring(0, parameter);
            if (name.equals(".") || name.equals("..")) {
                return true;
            }
        }
        return false;
    }
}
