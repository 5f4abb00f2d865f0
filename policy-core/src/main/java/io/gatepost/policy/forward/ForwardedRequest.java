package io.gatepost.policy.forward;

import io.gatepost.policy.PolicyRequest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What an upstream is sent, besides the body. Its text form holds no header.
 *
 * @param target path and query
 * @param headers all headers by their names as they are sent, each with its values in order; {@code Host} is among
 *     them, what says how the body is framed is not
 */
public record ForwardedRequest(String target, Map<String, List<String>> headers) {
    public ForwardedRequest {
        Objects.requireNonNull(target, "target");
        headers = Map.copyOf(headers);
    }

    /**
     * The same, with where the request came from. Whatever the client says of itself in headers of that kind, the
     * upstream hears what is so.
     *
     * @param request the request as it was judged
     * @return a new request
     * @see Client#headers
     */
    public ForwardedRequest withClient(PolicyRequest request) {
        Map<String, List<String>> told = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.forEach((name, values) -> {
            if (!Client.isToldBy(name)) {
                told.put(name, values);
            }
        });
        Client.of(request).headers().forEach((name, value) -> told.put(name, List.of(value)));
        return new ForwardedRequest(target, told);
    }

    /**
     * The same, for another host.
     *
     * @param host what the upstream is told as {@code Host}
     * @return a new request
     */
    public ForwardedRequest withHost(String host) {
        Map<String, List<String>> told = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        told.putAll(headers);
        told.put("Host", List.of(host));
        return new ForwardedRequest(target, told);
    }

    @Override
    public String toString() {
        int query = target.indexOf('?');
        return "ForwardedRequest[" + (query < 0 ? target : target.substring(0, query)) + "]";
    }
}
