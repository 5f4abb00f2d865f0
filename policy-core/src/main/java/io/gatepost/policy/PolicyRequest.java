package io.gatepost.policy;

import io.gatepost.policy.request.RequestBuilder;
import java.util.Collection;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a decision may look at: the request exactly as it will be sent on. An adapter implements this over its server's
 * request without copying; {@link #builder} makes one from values. Read by one thread at a time; nothing here may
 * block.
 */
public interface PolicyRequest {
    /**
     * The method (RFC 9110 section 9), case-sensitive.
     *
     * @return such as {@code POST}
     */
    String method();

    /**
     * The scheme the client used.
     *
     * @return {@code http} or {@code https}
     */
    String scheme();

    /**
     * The authority, with the port where the client gave one.
     *
     * @return such as {@code llm.example.com:8443}; empty where the request has none
     */
    String host();

    /**
     * The path as it is sent on: not decoded, without the query.
     *
     * @return such as {@code /v1/models/org%2Fmodel}; begins with a slash
     */
    String path();

    /**
     * The query as it is sent on: not decoded, without the question mark.
     *
     * @return the query, or null where there is none
     */
    @Nullable
    String query();

    /**
     * The protocol version.
     *
     * @return such as {@code HTTP/1.1} or {@code HTTP/2}
     */
    String version();

    /**
     * All values of a header, in the order in which they came.
     *
     * @param name the header's name, in any case
     * @return the values; empty where the header is absent
     */
    List<String> headers(String name);

    /**
     * The names of all headers.
     *
     * @return each name once, in the case in which it came
     */
    Collection<String> headerNames();

    /**
     * Goes through all headers at once: what {@link #headerNames} and {@link #headers} say, which need not be asked for
     * each. The request must not change meanwhile.
     *
     * @param header gets each name once, in the case in which it came, with all values in order
     */
    default void forEachHeader(BiConsumer<String, List<String>> header) {
        for (String name : headerNames()) {
            header.accept(name, headers(name));
        }
    }

    /**
     * The address of the client, or of the proxy in front where that is not trusted.
     *
     * @return an IP address as text; empty where unknown
     */
    String sourceAddress();

    /**
     * The client's port.
     *
     * @return the port, 0 where unknown
     */
    int sourcePort();

    /**
     * The body as it is sent on, content encodings removed. Only there where the engine said that it reads it
     * ({@link PolicyEngine#readsBody}).
     *
     * @return the body, or null where it was not read
     */
    default byte @Nullable [] body() {
        return null;
    }

    /**
     * What the server that the request came to reads otherwise than {@link #path} and {@link #headers} say it, as where
     * it dispatches by another path. The engine refuses such a request with 400.
     *
     * @return what is wrong, without any of the request's text; null where there is one reading
     */
    default @Nullable String problem() {
        return null;
    }

    /**
     * Whether an {@link io.gatepost.policy.forward.Entry} has settled who the client is: then {@code X-Forwarded-*}
     * headers are those of a trusted proxy, or the gateway's own, and go on to an upstream.
     *
     * @return false where the headers are as the client sent them
     */
    default boolean isEntered() {
        return false;
    }

    /**
     * Whether {@link io.gatepost.policy.request.RequestSyntax#problem} has found nothing in this request when it came
     * in, and everything was refused before that has something: then the engine does not look at the syntax of its
     * headers once more. Only for adapters whose own door makes sure of it.
     *
     * @return false where nobody has looked, or where that is not known
     */
    default boolean isWellFormed() {
        return false;
    }

    /**
     * A further variable for expressions, beyond those that every request has.
     *
     * @param name the variable's name
     * @return a string, number, boolean, byte array, list or map; null where there is none
     */
    default @Nullable Object attribute(String name) {
        return null;
    }

    /**
     * What the host's router chose for this request. Decision listeners learn from it which route a decision is about;
     * rules can't read it. Answer with a name that exists already: this is asked for every decision.
     *
     * @return the route's name as logs and meters call it; null where there is none
     */
    default @Nullable String route() {
        return null;
    }

    /**
     * Starts a request made from values, for tests and for callers that have no server.
     *
     * @param method the method
     * @param uri an absolute URI such as {@code http://host:80/path?query}, or a path with an optional query
     * @return a builder
     * @throws IllegalArgumentException where the URI is neither
     */
    static RequestBuilder builder(String method, String uri) {
        return new RequestBuilder(method, uri);
    }
}
