package io.gatepost.policy.forward;

import io.gatepost.policy.request.RequestSyntax;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an upstream is sent, besides the body: nothing but what a request to it may consist of, since it is written into
 * a connection that others use too. Its text form holds no header.
 *
 * @param target path and query
 * @param headers all headers by their names as they are sent, in order, each with its values in order; {@code Host} is
 *     among them, what says how the body is framed is not
 */
public record ForwardedRequest(String target, Map<String, List<String>> headers) {
    /** @throws IllegalArgumentException where the target, a name or a value would be read as something else */
    public ForwardedRequest {
        if (!isTarget(target)) {
            throw new IllegalArgumentException("a target is a path with an optional query, without blanks");
        }
        Map<String, List<String>> copied = new LinkedHashMap<>();
        headers.forEach((name, values) -> copied.put(name, sendable(name, values)));
        headers = Collections.unmodifiableMap(copied);
    }

    private static boolean isTarget(String target) {
        for (int i = 0; i < target.length(); i++) {
            if (target.charAt(i) < 0x21 || target.charAt(i) > 0x7e) {
                return false;
            }
        }
        return target.startsWith("/") || target.equals("*");
    }

    private static List<String> sendable(String name, List<String> values) {
        if (!RequestSyntax.isToken(name) || !values.stream().allMatch(RequestSyntax::isFieldValue)) {
            throw new IllegalArgumentException("a header's name is no token, or its value is none");
        }
        return List.copyOf(values);
    }

    /**
     * The same, for another host.
     *
     * @param host what the upstream is told as {@code Host}
     * @return a new request
     * @throws IllegalArgumentException where the host is no header's value
     */
    public ForwardedRequest withHost(String host) {
        Map<String, List<String>> told = new LinkedHashMap<>(headers);
        told.put("Host", List.of(host));
        return new ForwardedRequest(target, told);
    }

    /**
     * The same, for a body that was changed and is sent without an encoding.
     *
     * @return a new request without {@code Content-Encoding}
     */
    public ForwardedRequest withoutContentEncoding() {
        Map<String, List<String>> left = new LinkedHashMap<>(headers);
        left.keySet().removeIf("content-encoding"::equalsIgnoreCase);
        return new ForwardedRequest(target, left);
    }

    @Override
    public String toString() {
        int query = target.indexOf('?');
        return "ForwardedRequest[" + (query < 0 ? target : target.substring(0, query)) + "]";
    }
}
