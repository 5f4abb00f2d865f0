package io.gatepost.servlet;

import jakarta.servlet.http.Part;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parts of a form with files (RFC 7578), where the container can't read them any more. */
final class Multipart {
    private static final String TYPE = "multipart/form-data";
    private static final String LINE = "\r\n";

    private Multipart() {}

    static boolean isOne(@Nullable String contentType) {
        return contentType != null && value(contentType).equalsIgnoreCase(TYPE);
    }

    /**
     * Splits a body.
     *
     * @param names how names of parts and files are written
     * @param directory where {@link Part#write} puts files that have a relative name
     * @throws IOException where the body is not what its type says
     */
    static List<Part> parts(byte[] body, String contentType, Charset names, Path directory) throws IOException {
        String boundary = parameters(contentType).get("boundary");
        if (boundary == null || boundary.isEmpty()) {
            throw malformed();
        }
        String delimiter = LINE + "--" + boundary;
        // An octet a character. The first delimiter has no line before it.
        String text = LINE + new String(body, StandardCharsets.ISO_8859_1);
        List<Part> parts = new ArrayList<>();
        int start = text.indexOf(delimiter);
        while (start >= 0) {
            int after = start + delimiter.length();
            if (text.startsWith("--", after)) {
                return parts;
            }
            int head = afterBlanks(text, after);
            start = text.indexOf(delimiter, head);
            if (start < 0 || !text.startsWith(LINE, head)) {
                throw malformed();
            }
            parts.add(part(text.substring(head, start), names, directory));
        }
        throw malformed();
    }

    private static Part part(String text, Charset names, Path directory) throws IOException {
        int end = text.indexOf(LINE + LINE);
        if (end < 0) {
            throw malformed();
        }
        Map<String, List<String>> headers = headers(recoded(text.substring(0, end), names));
        byte[] content = text.substring(end + 2 * LINE.length()).getBytes(StandardCharsets.ISO_8859_1);
        List<String> disposition = headers.getOrDefault("content-disposition", List.of());
        Map<String, String> said = disposition.isEmpty() ? Map.of() : parameters(disposition.get(0));
        String name = said.get("name");
        if (name == null || !value(disposition.get(0)).equalsIgnoreCase("form-data")) {
            throw malformed();
        }
        return new BodyPart(name, said.get("filename"), headers, content, directory);
    }

    private static String recoded(String octets, Charset charset) {
        return new String(octets.getBytes(StandardCharsets.ISO_8859_1), charset);
    }

    private static Map<String, List<String>> headers(String lines) throws IOException {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (String line : lines.split(LINE, -1)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.computeIfAbsent(line.substring(0, colon).toLowerCase(Locale.ROOT), absent -> new ArrayList<>())
                        .add(line.substring(colon + 1).strip());
            } else if (!line.isEmpty()) {
                throw malformed();
            }
        }
        return headers;
    }

    private static String value(String header) {
        int semicolon = header.indexOf(';');
        return (semicolon < 0 ? header : header.substring(0, semicolon)).strip();
    }

    /** The parameters of a header's value (RFC 9110 section 5.6.6), the first of each name. */
    private static Map<String, String> parameters(String header) {
        Map<String, String> parameters = new LinkedHashMap<>();
        int at = header.indexOf(';');
        while (at >= 0) {
            int equals = header.indexOf('=', at);
            if (equals < 0) {
                break;
            }
            String name = header.substring(at + 1, equals).strip().toLowerCase(Locale.ROOT);
            StringBuilder value = new StringBuilder();
            at = readValue(header, equals + 1, value);
            parameters.putIfAbsent(name, value.toString());
        }
        return parameters;
    }

    /** Where the next parameter's semicolon is; negative at the end. */
    private static int readValue(String header, int from, StringBuilder value) {
        int at = afterBlanks(header, from);
        if (!header.startsWith("\"", at)) {
            int semicolon = header.indexOf(';', at);
            value.append(header.substring(at, semicolon < 0 ? header.length() : semicolon)
                    .strip());
            return semicolon;
        }
        for (at++; at < header.length() && header.charAt(at) != '"'; at++) {
            // Browsers send a backslash of a file's name as it is, and escape quotes only.
            if (header.startsWith("\\\"", at)) {
                at++;
            }
            value.append(header.charAt(at));
        }
        return header.indexOf(';', at);
    }

    private static int afterBlanks(String text, int from) {
        int at = from;
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
        return at;
    }

    private static IOException malformed() {
        return new IOException("the body is not multipart/form-data as its type says");
    }
}
