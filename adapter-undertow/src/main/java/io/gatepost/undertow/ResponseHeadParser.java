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

    private static final byte[] NOTHING = {};

    private byte[] begun = NOTHING;
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
        for (byte[] line = line(buffer); line != null; line = line(buffer)) {
            int length = line.length > 0 && line[line.length - 1] == '\r' ? line.length - 1 : line.length;
            if (statusLine == null) {
                statusLine = statusLine(new String(line, 0, length, ISO_8859_1));
            } else if (length == 0) {
                return head(statusLine);
            } else {
                addHeader(line, length);
            }
        }
        return null;
    }

    /** The next line without its line feed; null where the buffer ends first, which then has been kept. */
    private byte @Nullable [] line(ByteBuffer buffer) throws MalformedResponseException {
        int end = buffer.position();
        int limit = buffer.limit();
        while (end < limit && buffer.get(end) != '\n') {
            end++;
        }
        boolean whole = end < limit;
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
        begun = NOTHING;
        return line;
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

    private void addHeader(byte[] line, int length) throws MalformedResponseException {
        int colon = 0;
        while (colon < length && line[colon] != ':') {
            colon++;
        }
        String name = new String(line, 0, colon == length ? 0 : colon, ISO_8859_1);
        if (!RequestSyntax.isToken(name)) {
            throw new MalformedResponseException("a header's name is no token");
        }
        int start = Math.min(colon + 1, length);
        int end = length;
        while (start < end && isBlank(line[start])) {
            start++;
        }
        while (end > start && isBlank(line[end - 1])) {
            end--;
        }
        String value = new String(line, start, end - start, ISO_8859_1);
        if (!RequestSyntax.isFieldValue(value)) {
            throw new MalformedResponseException("a header's value has a control character");
        }
        headers.add(HeaderNames.of(name), value);
    }

    private static boolean isBlank(byte octet) {
        return octet == ' ' || octet == '\t';
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
