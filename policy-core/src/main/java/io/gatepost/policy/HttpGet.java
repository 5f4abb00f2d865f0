package io.gatepost.policy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One GET over HTTP/1.1 (RFC 9112) on a connection of its own, bounded in size. */
final class HttpGet {
    static final int MAX_BODY = 1024 * 1024;
    private static final int MAX_HEAD = 32 * 1024;

    private HttpGet() {}

    /** An answer; header names in lower case, the last of equal ones. */
    static final class Response {
        private final int status;
        private final Map<String, String> headers;
        private final byte[] body;

        private Response(int status, Map<String, String> headers, byte[] body) {
            this.status = status;
            this.headers = headers;
            this.body = body;
        }

        int status() {
            return status;
        }

        @Nullable
        String header(String name) {
            return headers.get(name);
        }

        byte[] body() {
            return body;
        }
    }

    /** Asks and reads the answer; the connection is of no use afterwards. */
    static Response exchange(Socket socket, URI url, @Nullable String etag) throws IOException {
        socket.getOutputStream().write(request(url, etag).getBytes(ISO_8859_1));
        InputStream in = new BufferedInputStream(socket.getInputStream());
        Response head = head(in);
        while (head.status / 100 == 1) {
            head = head(in);
        }
        // Only the body of a 200 is of interest, and a 304 has none.
        return head.status == 200 ? new Response(200, head.headers, body(in, head.headers)) : head;
    }

    private static String request(URI url, @Nullable String etag) {
        String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        return "GET " + path + query + " HTTP/1.1\r\nHost: " + url.getRawAuthority()
                + "\r\nAccept: application/json\r\nAccept-Encoding: identity\r\nUser-Agent: gatepost\r\n"
                + (etag == null ? "" : "If-None-Match: " + etag + "\r\n")
                + "Connection: close\r\n\r\n";
    }

    private static Response head(InputStream in) throws IOException {
        String statusLine = line(in, MAX_HEAD);
        if (!statusLine.matches("HTTP/1\\.[01] [1-5][0-9]{2}( .*)?")) {
            throw new IOException("the key server does not speak HTTP/1.1");
        }
        Map<String, String> headers = new HashMap<>();
        int left = MAX_HEAD;
        for (String line = line(in, left); !line.isEmpty(); line = line(in, left)) {
            left -= line.length() + 2;
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
        }
        return new Response(Integer.parseInt(statusLine.substring(9, 12)), headers, new byte[0]);
    }

    private static byte[] body(InputStream in, Map<String, String> headers) throws IOException {
        if (!headers.getOrDefault("content-encoding", "identity").equalsIgnoreCase("identity")) {
            throw new IOException("the key server's answer is compressed, which was not asked for");
        }
        if (headers.containsKey("transfer-encoding")) {
            return chunks(in);
        }
        String length = headers.get("content-length");
        if (length == null) {
            byte[] octets = in.readNBytes(MAX_BODY + 1);
            limit(octets.length);
            return octets;
        }
        return exactly(in, number(length, 10));
    }

    private static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            String sizeLine = line(in, MAX_HEAD);
            int semicolon = sizeLine.indexOf(';');
            int size = number((semicolon < 0 ? sizeLine : sizeLine.substring(0, semicolon)).strip(), 16);
            if (size == 0) {
                return body.toByteArray();
            }
            limit(body.size() + (long) size);
            body.writeBytes(exactly(in, size));
            if (!line(in, 2).isEmpty()) {
                throw truncated();
            }
        }
    }

    private static byte[] exactly(InputStream in, int length) throws IOException {
        limit(length);
        byte[] octets = in.readNBytes(length);
        if (octets.length < length) {
            throw truncated();
        }
        return octets;
    }

    private static int number(String digits, int radix) throws IOException {
        try {
            int number = Integer.parseInt(digits, radix);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IOException("the key server's answer has no readable length", e);
        }
        throw new IOException("the key server's answer has no readable length");
    }

    private static void limit(long length) throws IOException {
        if (length > MAX_BODY) {
            throw new IOException("the key server's answer is longer than 1 MiB");
        }
    }

    private static String line(InputStream in, int limit) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw truncated();
            }
            if (line.length() >= limit) {
                throw new IOException("the key server's answer has too long a head");
            }
            line.append((char) c);
        }
        int end = line.length();
        return end > 0 && line.charAt(end - 1) == '\r' ? line.substring(0, end - 1) : line.toString();
    }

    private static IOException truncated() {
        return new IOException("the key server's answer ends early");
    }
}
