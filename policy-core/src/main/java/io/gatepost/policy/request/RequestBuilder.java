package io.gatepost.policy.request;

import io.gatepost.policy.PolicyRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes a {@link PolicyRequest} from values. Not thread-safe; the requests it builds are immutable. */
public final class RequestBuilder {
    private final String method;
    private final String scheme;
    private final String path;
    private final @Nullable String query;
    private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Map<String, Object> attributes = new LinkedHashMap<>();
    private String host;
    private String version = "HTTP/1.1";
    private String sourceAddress = "127.0.0.1";
    private int sourcePort;
    private byte @Nullable [] body;
    private @Nullable String route;

    /**
     * Starts a request, as {@link PolicyRequest#builder} does.
     *
     * @param method the method
     * @param uri an absolute URI such as {@code http://host:80/path?query}, or a path with an optional query
     * @throws IllegalArgumentException where the URI is neither
     */
    public RequestBuilder(String method, String uri) {
        this.method = Objects.requireNonNull(method, "method");
        int authority = uri.indexOf("://");
        if (authority < 0 && !uri.startsWith("/")) {
            throw new IllegalArgumentException("expected an absolute URI or a path");
        }
        scheme = authority < 0 ? "http" : uri.substring(0, authority);
        String rest = authority < 0 ? uri : uri.substring(authority + 3);
        int target = firstOf(rest, '/', '?');
        host = rest.substring(0, target);
        String pathAndQuery = rest.substring(target);
        int mark = pathAndQuery.indexOf('?');
        String rawPath = mark < 0 ? pathAndQuery : pathAndQuery.substring(0, mark);
        path = rawPath.isEmpty() ? "/" : rawPath;
        query = mark < 0 ? null : pathAndQuery.substring(mark + 1);
    }

    private static int firstOf(String text, char one, char other) {
        int index = 0;
        while (index < text.length() && text.charAt(index) != one && text.charAt(index) != other) {
            index++;
        }
        return index;
    }

    /**
     * Adds a header value; a {@code Host} header also becomes the host where the URI named none.
     *
     * @param name the header's name
     * @param value one value; blanks at its ends do not belong to it, as on the wire (RFC 9110 section 5.5)
     * @return this
     * @throws IllegalArgumentException where the name is no token (RFC 9110 section 5.6.2)
     */
    public RequestBuilder header(String name, String value) {
        if (!RequestSyntax.isToken(name)) {
            throw new IllegalArgumentException("a header's name is no token");
        }
        String trimmed = RequestSyntax.withoutBlanksAtEnds(value);
        headers.computeIfAbsent(name, absent -> new ArrayList<>()).add(trimmed);
        if (host.isEmpty() && name.equalsIgnoreCase("host")) {
            host = trimmed;
        }
        return this;
    }

    /**
     * Sets the protocol version; {@code HTTP/1.1} otherwise.
     *
     * @param version such as {@code HTTP/2}
     * @return this
     */
    public RequestBuilder version(String version) {
        this.version = version;
        return this;
    }

    /**
     * Sets where the request comes from; {@code 127.0.0.1} and port 0 otherwise.
     *
     * @param address an IP address
     * @param port the port
     * @return this
     */
    public RequestBuilder source(String address, int port) {
        sourceAddress = address;
        sourcePort = port;
        return this;
    }

    /**
     * Sets the body; none otherwise.
     *
     * @param body the bytes, not copied
     * @return this
     */
    public RequestBuilder body(byte[] body) {
        this.body = body;
        return this;
    }

    /**
     * Adds a variable for expressions.
     *
     * @param name the variable's name
     * @param value a string, number, boolean, byte array, list or map
     * @return this
     */
    public RequestBuilder attribute(String name, Object value) {
        attributes.put(name, value);
        return this;
    }

    /**
     * Sets the name of the route that the request takes; none otherwise.
     *
     * @param name the name that decision listeners are told
     * @return this
     */
    public RequestBuilder route(String name) {
        route = name;
        return this;
    }

    /**
     * The request with all that was set so far.
     *
     * @return an immutable request
     */
    public PolicyRequest build() {
        Map<String, List<String>> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.forEach((name, values) -> copy.put(name, List.copyOf(values)));
        return new Built(
                method,
                scheme,
                host,
                path,
                query,
                version,
                copy,
                sourceAddress,
                sourcePort,
                body,
                Map.copyOf(attributes),
                route);
    }

    // A record would publish the array component's identity semantics; nobody compares requests.
    @SuppressWarnings("ArrayRecordComponent")
    private record Built(
            String method,
            String scheme,
            String host,
            String path,
            @Nullable String query,
            String version,
            Map<String, List<String>> headers,
            String sourceAddress,
            int sourcePort,
            byte @Nullable [] body,
            Map<String, Object> attributes,
            @Nullable String route)
            implements PolicyRequest {
        @Override
        public List<String> headers(String name) {
            return headers.getOrDefault(name, List.of());
        }

        @Override
        public Collection<String> headerNames() {
            return headers.keySet();
        }

        @Override
        public @Nullable Object attribute(String name) {
            return attributes.get(name);
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }
}
