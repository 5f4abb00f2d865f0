package io.gatepost.policy.request;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A header's value with parameters (RFC 9110 section 5.6.6), such as {@code multipart/form-data; boundary=x}, where all
 * readers read the same: no name twice, nothing between the parts, no quote behind a backslash. Values are as they
 * stand between their quotes.
 */
record HeaderParameters(String value, Map<String, String> parameters) {
    /** Null where there are two readings, or none. */
    static @Nullable HeaderParameters of(String header) {
        int semicolon = header.indexOf(';');
        String value = blanksOff(semicolon < 0 ? header : header.substring(0, semicolon));
        Map<String, String> parameters = new LinkedHashMap<>();
        int at = semicolon;
        while (at >= 0) {
            int from = afterBlanks(header, at + 1);
            int equals = header.indexOf('=', from);
            String name = equals < 0 ? "" : header.substring(from, equals).toLowerCase(Locale.ROOT);
            int end = equals < 0 ? -1 : endOfValue(header, equals + 1);
            if (!RequestSyntax.isToken(name) || end < 0) {
                return null;
            }
            if (parameters.put(name, unquoted(header.substring(equals + 1, end))) != null) {
                return null;
            }
            int next = afterBlanks(header, end);
            if (next < header.length() && header.charAt(next) != ';') {
                return null;
            }
            at = next < header.length() ? next : -1;
        }
        return value.isEmpty() ? null : new HeaderParameters(value.toLowerCase(Locale.ROOT), parameters);
    }

    /** Behind a token or a quoted text; negative where neither stands there. */
    private static int endOfValue(String header, int from) {
        if (!header.startsWith("\"", from)) {
            int end = from;
            while (end < header.length() && RequestSyntax.isToken(header.substring(end, end + 1))) {
                end++;
            }
            return end == from ? -1 : end;
        }
        int quote = header.indexOf('"', from + 1);
        // To some the text ends here, to others it goes on.
        return quote < 0 || header.charAt(quote - 1) == '\\' ? -1 : quote + 1;
    }

    private static String unquoted(String text) {
        return text.startsWith("\"") ? text.substring(1, text.length() - 1) : text;
    }

    private static int afterBlanks(String text, int from) {
        int at = from;
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
        return at;
    }

    private static String blanksOff(String text) {
        return RequestSyntax.withoutBlanksAtEnds(text);
    }
}
