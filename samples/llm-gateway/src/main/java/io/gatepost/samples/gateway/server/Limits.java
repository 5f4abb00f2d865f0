package io.gatepost.samples.gateway.server;

import io.gatepost.policy.forward.RequestBody;
import java.time.Duration;

/**
 * What a client may ask of the gateway.
 *
 * @param headerBytes how long the head of a request may be
 * @param bodyBytes how long its body may be
 * @param judgedBodyBytes how long a body may be that rules judge or a backend's model changes, before and after its
 *     encoding is removed
 * @param connections how many connections there may be; further ones are closed at once
 * @param streams how many requests may be open at once on an HTTP/2 connection
 * @param headTimeout how long the TLS handshake, and then the head of a request, may take
 * @param keepAliveTimeout how long a connection may wait for its next request
 * @param bodyTimeout how long nothing of a body may come while it is waited for
 */
public record Limits(
        int headerBytes,
        long bodyBytes,
        int judgedBodyBytes,
        int connections,
        int streams,
        Duration headTimeout,
        Duration keepAliveTimeout,
        Duration bodyTimeout) {
    /** What goes without saying. */
    public static final Limits DEFAULT = new Limits(
            64 * 1024, 1L << 30, 10_000, 100, Duration.ofSeconds(10), Duration.ofSeconds(75), Duration.ofSeconds(60));

    /** @throws IllegalArgumentException where one is not positive */
    public Limits {
        if (headerBytes <= 0 || bodyBytes <= 0 || judgedBodyBytes <= 0 || connections <= 0 || streams <= 0) {
            throw new IllegalArgumentException("a limit is positive");
        }
        for (Duration timeout : new Duration[] {headTimeout, keepAliveTimeout, bodyTimeout}) {
            if (timeout.toMillis() <= 0) {
                throw new IllegalArgumentException("a timeout is positive");
            }
        }
    }

    /** Bodies that are judged have their own limit, unless it is named. */
    public Limits(
            int headerBytes,
            long bodyBytes,
            int connections,
            int streams,
            Duration headTimeout,
            Duration keepAliveTimeout,
            Duration bodyTimeout) {
        this(
                headerBytes,
                bodyBytes,
                RequestBody.DEFAULT_LIMIT,
                connections,
                streams,
                headTimeout,
                keepAliveTimeout,
                bodyTimeout);
    }
}
