package io.gatepost.undertow;

import io.gatepost.policy.forward.ForwardedRequest;
import io.gatepost.policy.forward.ForwardedRequest.Field;
import io.undertow.util.HttpString;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Writes the octets of a request's head (RFC 9112 section 2.1). What it is given has no line break. */
final class RequestHead {
    private static final int USUAL = 512;

    private byte[] octets = new byte[USUAL];
    private int size;

    /** Begins with the request line and the headers of a request. */
    RequestHead(HttpString method, ForwardedRequest forwarded) {
        add(method.toString()).add(" ").add(forwarded.target()).add(" HTTP/1.1\r\n");
        for (Field field : forwarded.fields()) {
            add(field.name(), field.value());
        }
    }

    RequestHead add(String name, String value) {
        return add(name).add(": ").add(value).add("\r\n");
    }

    ByteBuffer end() {
        add("\r\n");
        return ByteBuffer.wrap(octets, 0, size);
    }

    @SuppressWarnings("deprecation") // Copies without an encoder: a character of a head is an octet.
    private RequestHead add(String text) {
        int length = text.length();
        if (size + length > octets.length) {
            octets = Arrays.copyOf(octets, Math.max(2 * octets.length, size + length));
        }
        text.getBytes(0, length, octets, size);
        size += length;
        return this;
    }
}
