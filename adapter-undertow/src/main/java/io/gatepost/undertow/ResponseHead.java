package io.gatepost.undertow;

import io.undertow.util.HeaderMap;

/** What precedes the body of an upstream's response. */
record ResponseHead(int status, boolean isHttp11, HeaderMap headers) {
    /** Whether another head follows: an interim response (RFC 9110 section 15.2). */
    boolean isInterim() {
        return status < 200;
    }
}
