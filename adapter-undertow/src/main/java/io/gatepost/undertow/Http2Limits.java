package io.gatepost.undertow;

import java.time.Duration;

/**
 * What one HTTP/2 connection may ask for.
 *
 * @param streams how many requests may be open at once
 * @param headerBytes how long the head of a request may be: the octets of names and values, and 32 for each field (RFC
 *     9113 section 6.5.2). Undertow itself has a limit, too: the system property
 *     {@code io.undertow.http2-max-header-size}, 20,000 unless it is set; the smaller one counts
 * @param headTimeout how long the head of a request may take
 * @param idleTimeout how long the connection may be without a request
 */
public record Http2Limits(int streams, int headerBytes, Duration headTimeout, Duration idleTimeout) {
    /** What goes without saying. */
    public static final Http2Limits DEFAULT =
            new Http2Limits(100, 64 * 1024, Duration.ofSeconds(10), Duration.ofSeconds(75));

    /** @throws IllegalArgumentException where one is not positive */
    public Http2Limits {
        if (streams <= 0 || headerBytes <= 0 || headTimeout.toMillis() <= 0 || idleTimeout.toMillis() <= 0) {
            throw new IllegalArgumentException("a limit is positive");
        }
    }
}
