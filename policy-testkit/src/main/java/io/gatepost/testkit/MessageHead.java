package io.gatepost.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 message's head exactly as it came over the wire (RFC 9112 section 2.1).
 *
 * @param startLine the first line
 * @param fields the header lines, in order
 */
public record MessageHead(String startLine, List<String> fields) {
    public MessageHead {
        fields = List.copyOf(fields);
    }

    /** The next head; null where the connection ends before its first byte. */
    static @Nullable MessageHead read(InputStream input) throws IOException {
        String startLine = line(input);
        if (startLine == null) {
            return null;
        }
        List<String> fields = new ArrayList<>();
        for (String line = line(input); !"".equals(line); line = line(input)) {
            if (line == null) {
                throw new EOFException("the head broke off");
            }
            fields.add(line);
        }
        return new MessageHead(startLine, fields);
    }

    /** The next line without its end; null at the end of the connection. */
    static @Nullable String line(InputStream input) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int c = input.read();
        if (c < 0) {
            return null;
        }
        for (; c != '\n'; c = input.read()) {
            if (c < 0) {
                throw new EOFException("a line broke off");
            }
            line.write(c);
        }
        String text = line.toString(ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    /**
     * The status code of a response.
     *
     * @return such as 200
     */
    public int status() {
        return Integer.parseInt(startLine.split(" ", -1)[1]);
    }

    /**
     * The target of a request.
     *
     * @return as it stands between method and version
     */
    public String target() {
        return startLine.split(" ", -1)[1];
    }

    /**
     * All values of a header, one for each of its lines.
     *
     * @param name in any case
     * @return the values without the blanks around them
     */
    public List<String> values(String name) {
        return fields.stream()
                .filter(field -> field.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                .map(field -> field.substring(name.length() + 1).strip())
                .toList();
    }

    /**
     * The one value of a header.
     *
     * @param name in any case
     * @return the first value; null where the header is absent
     */
    public @Nullable String value(String name) {
        return values(name).stream().findFirst().orElse(null);
    }

    boolean isChunked() {
        return values("transfer-encoding").stream()
                .flatMap(value -> Arrays.stream(value.split(",", -1)))
                .anyMatch(coding -> coding.strip().equalsIgnoreCase("chunked"));
    }

    boolean endsConnection() {
        return values("connection").stream().anyMatch("close"::equalsIgnoreCase);
    }
}
