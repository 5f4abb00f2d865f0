package io.gatepost.policy.request;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Refuses paths that two servers could read in two ways: dot segments (RFC 3986 section 5.2.4), plain or
 * percent-encoded, backslashes, NUL and control characters, and percent signs that encode nothing. Knows a host, too.
 */
public final class RequestTarget {
    private static final int MAX_NAME = 255;
    private static final int MAX_LITERAL = 46;
    private static final int MAX_PORT = 65_535;

    /** What no URI has (RFC 3986 appendix A), and servers refuse or read each in their way. */
    private static final String NEVER_PLAIN = "\"<>^`{|}";

    private static final String LITERAL = "/!$&'()*+,=:@;";
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

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
            if (NEVER_PLAIN.indexOf(c) >= 0) {
                return "the path has a character that must be percent-encoded";
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

    /**
     * Says what is wrong with a query.
     *
     * @param query the query as it is sent on, not decoded, without the question mark; null where there is none
     * @return what is wrong, without any of the query's text; null where nothing is
     */
    public static @Nullable String problemOfQuery(@Nullable String query) {
        for (int i = 0; query != null && i < query.length(); i++) {
            char c = query.charAt(i);
            if (c < 0x21 || c > 0x7e || c == '#') {
                return "the query has a blank, a control character, a number sign or a character outside ASCII";
            }
            if (NEVER_PLAIN.indexOf(c) >= 0 || c == '\\') {
                return "the query has a character that must be percent-encoded";
            }
        }
        return null;
    }

    /**
     * Whether a path has a segment without a name, as in {@code //} and {@code /;a/}: many servers pass it over, and so
     * dispatch by another path than rules see.
     *
     * @param path a path, not decoded
     * @return whether there is one; a slash at the end is none
     */
    public static boolean hasEmptySegment(String path) {
        return path.contains("//") || path.contains("/;");
    }

    /**
     * The normal form of a path (RFC 3986 section 6.2.2): what needs no encoding is decoded, letters, digits,
     * {@code -}, {@code .}, {@code _} and {@code ~}, and hexadecimal digits are upper case. An encoded letter is that
     * letter, for rules, routes and upstreams alike; an encoded slash stays encoded.
     *
     * @param path a path as it came
     * @return its normal form; a percent sign that encodes nothing stays as it is
     */
    public static String normalPath(String path) {
        int percent = path.indexOf('%');
        if (percent < 0) {
            return path;
        }
        StringBuilder normal = new StringBuilder(path.length()).append(path, 0, percent);
        for (int i = percent; i < path.length(); i++) {
            char c = path.charAt(i);
            int octet = c == '%' && i + 2 < path.length() ? octet(path, i) : -1;
            if (octet < 0) {
                normal.append(c);
            } else if (isUnreserved(octet)) {
                normal.append((char) octet);
                i += 2;
            } else {
                normal.append(path.substring(i, i + 3).toUpperCase(Locale.ROOT));
                i += 2;
            }
        }
        return normal.toString();
    }

    /**
     * A path that a server has decoded, written as a path again: every octet that can't stand in one is encoded. Where
     * a server dispatches by a decoded path, this must be the {@link #normalPath} of what was sent; otherwise it has
     * dropped or decoded something that rules see, and dispatches by another reading.
     *
     * @param decoded a decoded path
     * @return the path in normal form (RFC 3986 section 3.3)
     */
    public static String encodedPath(String decoded) {
        StringBuilder encoded = new StringBuilder(decoded.length());
        for (byte octet : decoded.getBytes(StandardCharsets.UTF_8)) {
            if (octet >= 0 && (isUnreserved(octet) || LITERAL.indexOf(octet) >= 0)) {
                encoded.append((char) octet);
            } else {
                encoded.append('%').append(HEX.toHexDigits(octet));
            }
        }
        return encoded.toString();
    }

    private static boolean isUnreserved(int c) {
        return (c < 0x80 && isOfName((char) c)) || c == '~';
    }

    /**
     * Whether a text names a host with or without a port, as in {@code Host} (RFC 9110 section 7.2).
     *
     * @param text such as {@code api.test}, {@code 10.0.0.1:8080} or {@code [::1]}
     * @return false for anything else, an empty text and user information among it
     */
    public static boolean isHost(String text) {
        int end = text.startsWith("[") ? endOfLiteral(text) : endOfName(text);
        return end > 0 && (end == text.length() || (text.charAt(end) == ':' && isPort(text, end + 1)));
    }

    /**
     * The host of an authority (RFC 3986 section 3.2), as in {@code Host}: what stands before the port.
     *
     * @param authority such as {@code api.test}, {@code 10.0.0.1:8080} or {@code [::1]:80}; need not be valid
     * @return the host as it is written, an IPv6 address in its brackets
     */
    public static String hostName(String authority) {
        return authority.substring(0, endOfHostName(authority));
    }

    /**
     * Whether two authorities name one host, whatever their ports.
     *
     * @param one as for {@link #hostName}
     * @param other as for {@link #hostName}
     * @return whether the hosts differ in nothing but upper and lower case
     */
    public static boolean isSameHost(String one, String other) {
        return hostName(one).toLowerCase(Locale.ROOT).equals(hostName(other).toLowerCase(Locale.ROOT));
    }

    /**
     * The port of an authority.
     *
     * @param authority as for {@link #hostName}
     * @return what follows the colon behind the host; empty where there is none
     */
    public static String port(String authority) {
        int end = endOfHostName(authority);
        return end == authority.length() ? "" : authority.substring(end + 1);
    }

    private static int endOfHostName(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon > authority.lastIndexOf(']') ? colon : authority.length();
    }

    /**
     * The authority of an absolute URL: what stands between the two slashes and the next one.
     *
     * @param url such as {@code http://api.test:80/v1}
     * @return such as {@code api.test:80}
     */
    public static String authority(String url) {
        int start = url.indexOf("//") + 2;
        int end = url.indexOf('/', start);
        return end < 0 ? url.substring(start) : url.substring(start, end);
    }

    /** Where a name or an IPv4 address ends; 0 where there is none. */
    private static int endOfName(String text) {
        int end = 0;
        while (end < text.length() && isOfName(text.charAt(end))) {
            end++;
        }
        return end <= MAX_NAME ? end : 0;
    }

    /** Where an IPv6 address in brackets ends; 0 where there is none. */
    private static int endOfLiteral(String text) {
        int end = 1;
        while (end < text.length() && isOfLiteral(text.charAt(end))) {
            end++;
        }
        boolean closed = end < text.length() && text.charAt(end) == ']';
        return closed && end > 2 && end <= MAX_LITERAL ? end + 1 : 0;
    }

    private static boolean isPort(String text, int from) {
        int port = 0;
        for (int i = from; i < text.length() && port <= MAX_PORT; i++) {
            if (!isDigit(text.charAt(i))) {
                return false;
            }
            port = port * 10 + text.charAt(i) - '0';
        }
        return from < text.length() && port <= MAX_PORT;
    }

    private static boolean isOfName(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c) || c == '.' || c == '-' || c == '_';
    }

    private static boolean isOfLiteral(char c) {
        return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || isDigit(c) || c == ':' || c == '.';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static int octet(String path, int percent) {
        int high = hex(path.charAt(percent + 1));
        int low = hex(path.charAt(percent + 2));
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }

    /** ASCII only: there are digits of other scripts. */
    private static int hex(char c) {
        return c < 0x80 ? Character.digit(c, 16) : -1;
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
