package io.gatepost.tools.explain;

import io.gatepost.policy.PolicyRequest;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A request with some parts replaced. Immutable. */
// Nobody compares requests, or asks who else holds the body.
@SuppressWarnings("ArrayRecordComponent")
record ChangedRequest(
        PolicyRequest original,
        String method,
        String scheme,
        String host,
        String path,
        @Nullable String query,
        Map<String, List<String>> headers,
        String sourceAddress,
        byte @Nullable [] body,
        Map<String, Object> attributes)
        implements PolicyRequest {

    static ChangedRequest of(PolicyRequest request) {
        if (request instanceof ChangedRequest changed) {
            return changed;
        }
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        request.headerNames().forEach(name -> headers.put(name, request.headers(name)));
        return new ChangedRequest(
                request,
                request.method(),
                request.scheme(),
                request.host(),
                request.path(),
                request.query(),
                headers,
                request.sourceAddress(),
                request.body(),
                Map.of());
    }

    ChangedRequest withMethod(String other) {
        return new ChangedRequest(original, other, scheme, host, path, query, headers, sourceAddress, body, attributes);
    }

    ChangedRequest withScheme(String other) {
        return new ChangedRequest(original, method, other, host, path, query, headers, sourceAddress, body, attributes);
    }

    ChangedRequest withHost(String other) {
        return new ChangedRequest(
                original, method, scheme, other, path, query, headers, sourceAddress, body, attributes);
    }

    ChangedRequest withTarget(String otherPath, @Nullable String otherQuery) {
        return new ChangedRequest(
                original, method, scheme, host, otherPath, otherQuery, headers, sourceAddress, body, attributes);
    }

    ChangedRequest withSource(String other) {
        return new ChangedRequest(original, method, scheme, host, path, query, headers, other, body, attributes);
    }

    ChangedRequest withBody(byte[] other) {
        return new ChangedRequest(
                original, method, scheme, host, path, query, headers, sourceAddress, other, attributes);
    }

    /** With another value of a field that servers set, such as {@code request.startTime}. */
    ChangedRequest withAttribute(String name, Object value) {
        Map<String, Object> changed = new HashMap<>(attributes);
        changed.put(name, value);
        return new ChangedRequest(
                original, method, scheme, host, path, query, headers, sourceAddress, body, Map.copyOf(changed));
    }

    /** With these values only; none: without the header. */
    ChangedRequest withHeader(String name, List<String> values) {
        Map<String, List<String>> changed = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        changed.putAll(headers);
        changed.remove(name);
        if (!values.isEmpty()) {
            changed.put(name, List.copyOf(values));
        }
        return new ChangedRequest(
                original, method, scheme, host, path, query, changed, sourceAddress, body, attributes);
    }

    @Override
    public String version() {
        return original.version();
    }

    @Override
    public List<String> headers(String name) {
        return headers.getOrDefault(name, List.of());
    }

    @Override
    public Collection<String> headerNames() {
        return headers.keySet();
    }

    @Override
    public int sourcePort() {
        return original.sourcePort();
    }

    @Override
    public @Nullable Object attribute(String name) {
        Object changed = attributes.get(name);
        return changed == null ? original.attribute(name) : changed;
    }

    /** Nothing that could hold a token. */
    @Override
    public String toString() {
        return method + " " + path;
    }
}
