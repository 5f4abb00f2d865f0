package io.gatepost.undertow;

import io.gatepost.policy.forward.HopByHop;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What precedes the body of an upstream's response. */
record ResponseHead(int status, boolean isHttp11, HeaderMap headers) {
    private static final Set<HttpString> ALWAYS_DROPPED =
            HopByHop.headers(List.of()).stream().map(HeaderNames::of).collect(Collectors.toUnmodifiableSet());

    /** Whether another head follows: an interim response (RFC 9110 section 15.2). */
    boolean isInterim() {
        return status < 200;
    }

    /** Copies what concerns the client, too, and not this hop alone. */
    void copyHeaders(HeaderMap to) {
        Set<String> named = named(headers.get(Headers.CONNECTION));
        for (long at = headers.fastIterateNonEmpty(); at != -1; at = headers.fiNextNonEmpty(at)) {
            HeaderValues values = headers.fiCurrent(at);
            HttpString name = values.getHeaderName();
            if (name.equals(Headers.CONTENT_LENGTH)) {
                // Where there is no body, Undertow would wait for that many octets before the next response.
                if (!ResponseBody.isForbidden(status)) {
                    to.put(name, values.getFirst());
                }
            } else if (!ALWAYS_DROPPED.contains(name)
                    && (named.isEmpty() || !named.contains(name.toString().toLowerCase(Locale.ROOT)))) {
                to.putAll(name, values);
            }
        }
    }

    /** What an upstream's {@code Connection} names beyond what is always dropped, in lower case. */
    private static Set<String> named(@Nullable HeaderValues connection) {
        if (connection == null
                || (connection.size() == 1 && connection.getFirst().equalsIgnoreCase("keep-alive"))) {
            return Set.of();
        }
        return HopByHop.headers(connection);
    }
}
