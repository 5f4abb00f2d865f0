package io.gatepost.undertow;

import io.gatepost.policy.request.RequestSyntax;
import io.gatepost.policy.request.RequestTarget;
import io.undertow.protocols.http2.HpackDecoder;
import io.undertow.protocols.http2.HpackException;
import io.undertow.util.HttpString;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The fields of one block as they were sent, and whether they make a request (RFC 9113 sections 8.2 and 8.3). */
final class Http2Head implements HpackDecoder.HeaderEmitter {
    static final int MOST_FIELDS = 200;

    private static final Set<String> PSEUDO = Set.of(":method", ":scheme", ":authority", ":path");
    private static final Set<String> OF_HTTP_1 =
            Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "http2-settings");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");
    private static final int FIELD = 32;

    private final int mostBytes;
    private final Map<String, String> pseudo = new LinkedHashMap<>();
    private final Http2Octets fields = new Http2Octets();
    private final StringBuilder cookies = new StringBuilder();
    private long bytes;
    private int count;
    private long length = -1;
    private @Nullable String host;
    private boolean regular;
    private boolean malformed;

    /** @param mostBytes the most octets, counted as {@link Http2Limits#headerBytes()} is */
    Http2Head(int mostBytes) {
        this.mostBytes = mostBytes;
    }

    /** The whole block is decoded even where it is too long: what it does to the table counts for the next one. */
    void decode(HpackDecoder decoder, ByteBuffer block) throws HpackException {
        decoder.setHeaderEmitter(this);
        decoder.decode(block, false);
        if (block.hasRemaining()) {
            throw new HpackException();
        }
    }

    @Override
    public void emitHeader(HttpString field, String value, boolean neverIndexed) {
        String name = field.toString();
        bytes += name.length() + value.length() + FIELD;
        count += name.equals("cookie") ? 0 : 1;
        if (bytes > mostBytes || count > MOST_FIELDS) {
            malformed = true;
        }
        if (malformed) {
            return;
        }
        if (name.startsWith(":")) {
            malformed = regular || !PSEUDO.contains(name) || pseudo.putIfAbsent(name, value) != null;
        } else {
            regular = true;
            malformed = !accepts(name, value);
        }
    }

    private boolean accepts(String name, String value) {
        if (!RequestSyntax.isToken(name)
                || !name.equals(name.toLowerCase(Locale.ROOT))
                || OF_HTTP_1.contains(name)
                || !RequestSyntax.isFieldValue(value)) {
            return false;
        }
        if (name.equals("te")) {
            return value.equals("trailers");
        }
        if (name.equals("host")) {
            boolean first = host == null;
            host = value;
            return first;
        }
        if (name.equals("cookie")) {
            cookies.append(cookies.isEmpty() ? "" : "; ").append(value);
            return true;
        }
        if (name.equals("content-length")) {
            if (length >= 0 || !LENGTH.matcher(value).matches()) {
                return false;
            }
            length = Long.parseLong(value);
        }
        write(name, value);
        return true;
    }

    /** Whether these are the trailers of a request. */
    boolean isTrailers() {
        return !malformed && pseudo.isEmpty();
    }

    /** Whether these are the head of a request with exactly one reading. */
    boolean isRequest() {
        String path = pseudo.get(":path");
        String scheme = pseudo.get(":scheme");
        String method = pseudo.get(":method");
        if (malformed || path == null || scheme == null || method == null) {
            return false;
        }
        String authority = pseudo.getOrDefault(":authority", host == null ? "" : host);
        return (host == null || host.equalsIgnoreCase(authority))
                && RequestTarget.isHost(authority)
                && RequestSyntax.isToken(method)
                && !method.equals("CONNECT")
                && (scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https"))
                && (path.startsWith("/") || (path.equals("*") && method.equals("OPTIONS")))
                && path.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != '#');
    }

    /** What {@code content-length} says; negative where it says nothing. */
    long length() {
        return length;
    }

    /** The block in the plainest encoding, without a table: what was judged is what is read. */
    ByteBuffer encoded() {
        Http2Octets head = new Http2Octets();
        pseudo.putIfAbsent(":authority", host == null ? "" : host);
        pseudo.forEach((name, value) -> write(head, name, value));
        ByteBuffer rest = fields.view();
        head.put(rest, rest.remaining());
        if (!cookies.isEmpty()) {
            write(head, "cookie", cookies.toString());
        }
        return head.view();
    }

    private void write(String name, String value) {
        write(fields, name, value);
    }

    /** A literal that is never put into a table (RFC 7541 section 6.2.2), without Huffman's code. */
    private static void write(Http2Octets out, String name, String value) {
        out.put(0);
        write(out, name);
        write(out, value);
    }

    private static void write(Http2Octets out, String text) {
        byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
        int rest = octets.length;
        if (rest < 127) {
            out.put(rest);
        } else {
            out.put(127);
            for (rest -= 127; rest >= 128; rest >>>= 7) {
                out.put((rest & 0x7f) | 0x80);
            }
            out.put(rest);
        }
        out.put(octets, 0, octets.length);
    }
}
