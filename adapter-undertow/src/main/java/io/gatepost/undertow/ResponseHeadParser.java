package io.gatepost.undertow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.gatepost.policy.request.RequestSyntax;
import io.undertow.util.HeaderMap;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the heads of an upstream's responses (RFC 9112 sections 4 and 5), strictly: a name that is no token, a value
 * with control characters, a folded line or one that ends within its carriage return are refused, not passed on for
 * somebody else to guess at.
 */
final class ResponseHeadParser {
    /** For all heads of one response, the interim ones among them. */
    private static final int MAX_OCTETS = 256 * 1024;

    private static final String VERSION = "HTTP/1.";
    private static final int STATUS_START = VERSION.length() + 2;
    private static final int STATUS_END = STATUS_START + 3;

    private byte[] begun = new byte[0];
    private int octets;
    private @Nullable String statusLine;
    private HeaderMap headers = new HeaderMap();

    /**
     * The head of the answer proper: interim ones are for this hop (RFC 9110 section 15.2), but for the one behind
     * which another protocol begins. Null where the buffer ends first.
     *
     * @param webSocket whether the change to WebSocket was asked for
     */
    @Nullable
    ResponseHead parseFinal(ByteBuffer buffer, boolean webSocket) throws MalformedResponseException {
        ResponseHead head = parse(buffer);
        while (head != null && head.isInterim()) {
            if (head.status() == 101) {
                if (!webSocket || !WebSocketUpgrade.isNamed(head.headers())) {
                    throw new MalformedResponseException("nobody asked for this upgrade");
                }
                return head;
            }
            head = parse(buffer);
        }
        return head;
    }

    /** The next head, and the buffer behind it; null where the buffer ends first. */
    private @Nullable ResponseHead parse(ByteBuffer buffer) throws MalformedResponseException {
        for (String line = line(buffer); line != null; line = line(buffer)) {
            if (statusLine == null) {
                statusLine = statusLine(line);
            } else if (line.isEmpty()) {
                return head(statusLine);
            } else {
                addHeader(line);
            }
        }
        return null;
    }

    /** The next line without its end; null where the buffer ends first, which then has been kept. */
    private @Nullable String line(ByteBuffer buffer) throws MalformedResponseException {
        int end = buffer.position();
        while (end < buffer.limit() && buffer.get(end) != '\n') {
            end++;
        }
        boolean whole = end < buffer.limit();
        int count = end - buffer.position();
        octets += count + 1;
        if (octets > MAX_OCTETS) {
            throw new MalformedResponseException("the head is longer than " + MAX_OCTETS + " octets");
        }
        byte[] line = new byte[begun.length + count];
        System.arraycopy(begun, 0, line, 0, begun.length);
        buffer.get(line, begun.length, count);
        if (!whole) {
            begun = line;
            return null;
        }
        buffer.get();
        begun = new byte[0];
        int length = line.length > 0 && line[line.length - 1] == '\r' ? line.length - 1 : line.length;
        return new String(line, 0, length, ISO_8859_1);
    }

    private static String statusLine(String line) throws MalformedResponseException {
        boolean sound = line.startsWith(VERSION)
                && line.length() >= STATUS_END
                && isDigits(line, VERSION.length(), VERSION.length() + 1)
                && line.charAt(STATUS_START - 1) == ' '
                && isDigits(line, STATUS_START, STATUS_END)
                && line.charAt(STATUS_START) != '0'
                && (line.length() == STATUS_END || line.charAt(STATUS_END) == ' ')
                && RequestSyntax.isFieldValue(line.strip());
        if (!sound) {
            throw new MalformedResponseException("the status line is none");
        }
        return line;
    }

    private static boolean isDigits(String text, int start, int end) {
        for (int i = start; i < end; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    private void addHeader(String line) throws MalformedResponseException {
        int colon = line.indexOf(':');
        String name = line.substring(0, Math.max(0, colon));
        if (!RequestSyntax.isToken(name)) {
            throw new MalformedResponseException("a header's name is no token");
        }
        String value = trimmed(line, colon + 1);
        if (!RequestSyntax.isFieldValue(value)) {
            throw new MalformedResponseException("a header's value has a control character");
        }
        headers.add(HeaderNames.of(name), value);
    }

    /** The text from there on without blanks and tabs at its ends. */
    private static String trimmed(String text, int from) {
        int start = from;
        int end = text.length();
        while (start < end && isBlank(text.charAt(start))) {
            start++;
        }
        while (end > start && isBlank(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    private ResponseHead head(String line) {
        ResponseHead head = new ResponseHead(
                Integer.parseInt(line.substring(STATUS_START, STATUS_END)),
                line.charAt(VERSION.length()) != '0',
                headers);
        statusLine = null;
        headers = new HeaderMap();
        return head;
    }
}
