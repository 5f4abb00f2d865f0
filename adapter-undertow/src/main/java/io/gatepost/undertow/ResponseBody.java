package io.gatepost.undertow;

import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the data of a response's body in what an upstream sends, and the body's end (RFC 9112 section 6.3). */
final class ResponseBody {
    /** What fits a signed 64-bit number in every implementation. */
    private static final int MOST_DIGITS = 18;

    private static final long UNTIL_CLOSE = Long.MAX_VALUE;

    private final @Nullable ChunkGrammar chunks;
    private long left;
    private final boolean isSure;
    private boolean surplus;

    private ResponseBody(@Nullable ChunkGrammar chunks, long left, boolean isSure) {
        this.chunks = chunks;
        this.left = left;
        this.isSure = isSure;
    }

    /**
     * The body behind a head.
     *
     * @throws MalformedResponseException where two readers could see two ends of it
     */
    static ResponseBody of(ResponseHead head, HttpString method) throws MalformedResponseException {
        HeaderMap headers = head.headers();
        HeaderValues lengths = headers.get(Headers.CONTENT_LENGTH);
        HeaderValues codings = headers.get(Headers.TRANSFER_ENCODING);
        long length = lengths == null ? UNTIL_CLOSE : length(lengths);
        if (codings != null) {
            check(head, codings, lengths);
        }
        boolean lasting = head.isHttp11() && !closes(headers.get(Headers.CONNECTION));
        if (method.equals(Methods.HEAD) || isForbidden(head.status())) {
            boolean doubtful = codings != null || (lengths != null && (lengths.size() > 1 || head.status() == 204));
            return new ResponseBody(null, 0, lasting && !doubtful);
        }
        return codings == null
                ? new ResponseBody(null, length, lasting && lengths != null && lengths.size() == 1)
                : new ResponseBody(new ChunkGrammar(), 0, lasting);
    }

    private static long length(HeaderValues lengths) throws MalformedResponseException {
        String length = lengths.getFirst();
        boolean sound = !length.isEmpty() && length.length() <= MOST_DIGITS;
        for (int i = 0; i < length.length(); i++) {
            sound &= length.charAt(i) >= '0' && length.charAt(i) <= '9';
        }
        for (int i = 1; i < lengths.size(); i++) {
            sound &= length.equals(lengths.get(i));
        }
        if (!sound) {
            throw new MalformedResponseException("expected one Content-Length, a number");
        }
        return Long.parseLong(length);
    }

    private static void check(ResponseHead head, HeaderValues codings, @Nullable HeaderValues lengths)
            throws MalformedResponseException {
        if (lengths != null || !head.isHttp11()) {
            throw new MalformedResponseException("Transfer-Encoding stands beside Content-Length, or in HTTP/1.0");
        }
        if (codings.size() > 1 || !codings.getFirst().equalsIgnoreCase("chunked")) {
            throw new MalformedResponseException("expected no other Transfer-Encoding than `chunked`");
        }
    }

    private static boolean closes(@Nullable HeaderValues options) {
        return options != null
                && String.join(",", options).toLowerCase(Locale.ROOT).contains("close");
    }

    /** Whether a response with this status has none, whatever its headers say. */
    static boolean isForbidden(int status) {
        return status == 204 || status == 304;
    }

    /** Leaves in a buffer, of what was read, the data. */
    void decode(ByteBuffer buffer) throws MalformedResponseException {
        if (chunks != null) {
            decode(chunks, buffer);
        } else {
            int data = (int) Math.min(left, buffer.remaining());
            surplus |= data < buffer.remaining();
            buffer.limit(buffer.position() + data);
            left -= left == UNTIL_CLOSE ? 0 : data;
        }
    }

    private void decode(ChunkGrammar grammar, ByteBuffer buffer) throws MalformedResponseException {
        int decoded = buffer.position();
        int at = decoded;
        while (at < buffer.limit() && !grammar.isDone()) {
            int data = (int) Math.min(grammar.data(), buffer.limit() - at);
            if (data > 0) {
                buffer.put(decoded, buffer, at, data);
                grammar.pass(data);
                decoded += data;
                at += data;
            } else {
                grammar.framing(buffer.get(at) & 0xff);
                at++;
            }
            if (grammar.isBroken()) {
                throw new MalformedResponseException("the body is not chunked as RFC 9112 section 7.1 says");
            }
        }
        surplus |= at < buffer.limit();
        buffer.limit(decoded);
    }

    /** Whether all of it has been read. */
    boolean isEnded() {
        return chunks == null ? left == 0 : chunks.isDone();
    }

    /** Whether the connection's end is its end. */
    boolean isUntilClose() {
        return chunks == null && left == UNTIL_CLOSE;
    }

    /** Whether the connection may be used again: the end was beyond doubt, and nothing came behind it. */
    boolean leavesConnection() {
        return isEnded() && isSure && !surplus;
    }
}
