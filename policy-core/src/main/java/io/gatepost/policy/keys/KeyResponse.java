package io.gatepost.policy.keys;

import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** What a key server answered. */
final class KeyResponse {
    private final int status;
    private final @Nullable String etag;
    private final @Nullable String location;
    private final byte[] body;

    /** Reads the whole answer. */
    KeyResponse(ClassicHttpResponse response) throws IOException {
        status = response.getCode();
        etag = value(response, HttpHeaders.ETAG);
        location = value(response, HttpHeaders.LOCATION);
        // Only the body of a 200 is of interest, and a 304 has none.
        body = status == 200 ? body(response) : new byte[0];
    }

    int status() {
        return status;
    }

    @Nullable
    String etag() {
        return etag;
    }

    byte[] body() {
        return body;
    }

    /** Where a redirect leads to. */
    @Nullable
    String location() {
        return location;
    }

    private static byte[] body(ClassicHttpResponse response) throws IOException {
        if (response.getEntity() == null) {
            return new byte[0];
        }
        byte[] octets = decoded(response).readNBytes(KeyClient.MAX_BODY + 1);
        if (octets.length > KeyClient.MAX_BODY) {
            throw new IOException("the key server's answer is longer than 1 MiB");
        }
        return octets;
    }

    /** Some servers send gzip to whoever asks, and also to who does not. */
    private static InputStream decoded(ClassicHttpResponse response) throws IOException {
        InputStream content = response.getEntity().getContent();
        String encoding = value(response, HttpHeaders.CONTENT_ENCODING);
        return switch (encoding == null ? "identity" : encoding.toLowerCase(Locale.ROOT)) {
            case "identity" -> content;
            case "gzip", "x-gzip" -> new GZIPInputStream(content);
            default -> throw new IOException("the key server's answer has a coding that was not asked for");
        };
    }

    private static @Nullable String value(ClassicHttpResponse response, String name) {
        Header header = response.getLastHeader(name);
        return header == null ? null : header.getValue();
    }
}
