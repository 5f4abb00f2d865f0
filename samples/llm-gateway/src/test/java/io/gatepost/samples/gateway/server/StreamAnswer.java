package io.gatepost.samples.gateway.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Map;

/** What has come on a stream so far; guarded by the client that it belongs to. */
public final class StreamAnswer {
    final Map<String, String> headers = new HashMap<>();
    final ByteArrayOutputStream body = new ByteArrayOutputStream();
    boolean whole;
    boolean reset;

    /** 0 before the head. */
    public int status() {
        return Integer.parseInt(headers.getOrDefault(":status", "0"));
    }

    public String header(String name) {
        return headers.getOrDefault(name, "");
    }

    public String body() {
        return body.toString(ISO_8859_1);
    }

    /** Whether it came to its end. */
    public boolean isWhole() {
        return whole;
    }

    /** Whether the gateway reset the stream, or ended the connection before the answer's end. */
    public boolean isReset() {
        return reset;
    }

    public boolean isOver() {
        return whole || reset;
    }
}
