package io.gatepost.undertow;

import io.gatepost.policy.forward.HopByHop;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What precedes the body of an upstream's response. */
record ResponseHead(int status, boolean isHttp11, HeaderMap headers) {
    /** Whether another head follows: an interim response (RFC 9110 section 15.2). */
    boolean isInterim() {
        return status < 200;
    }

    /** Copies what concerns the client, too, and not this hop alone. */
    void copyHeaders(HeaderMap to) {
        HeaderValues named = headers.get(Headers.CONNECTION);
        Set<String> dropped = HopByHop.headers(named == null ? List.of() : named);
        for (HeaderValues values : headers) {
            HttpString name = values.getHeaderName();
            if (name.equals(Headers.CONTENT_LENGTH)) {
                // Where there is no body, Undertow would wait for that many octets before the next response.
                if (!ResponseBody.isForbidden(status)) {
                    to.put(name, values.getFirst());
                }
            } else if (!dropped.contains(name.toString().toLowerCase(Locale.ROOT))) {
                to.putAll(name, values);
            }
        }
    }
}
