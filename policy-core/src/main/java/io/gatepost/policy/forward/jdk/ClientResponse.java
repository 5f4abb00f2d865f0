package io.gatepost.policy.forward.jdk;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;

/** A server's response to its client, as far as the response of an upstream is written into it. */
@FunctionalInterface
public interface ClientResponse {
    /**
     * Begins the response, and sends its head at once: the first bytes of the body may take their time.
     *
     * @param status the upstream's status
     * @param headers the upstream's headers that concern the client, each with its values in order. They replace what
     *     the server has set itself, such as {@code Date}; several values are several lines, since {@code Set-Cookie}
     *     can't be joined
     * @return where the body goes, which is flushed piece by piece
     * @throws IOException where the client is gone
     */
    OutputStream begin(int status, Map<String, List<String>> headers) throws IOException;
}
