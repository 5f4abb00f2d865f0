package io.gatepost.policy.forward;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What an upstream is sent, besides the body. Its text form holds no header.
 *
 * @param target path and query
 * @param headers all headers by their names as they are sent, in order, each with its values in order; {@code Host} is
 *     among them, what says how the body is framed is not
 */
public record ForwardedRequest(String target, Map<String, List<String>> headers) {
    public ForwardedRequest {
        Objects.requireNonNull(target, "target");
        Map<String, List<String>> copied = new LinkedHashMap<>();
        headers.forEach((name, values) -> copied.put(name, List.copyOf(values)));
        headers = Collections.unmodifiableMap(copied);
    }

    /**
     * The same, for another host.
     *
     * @param host what the upstream is told as {@code Host}
     * @return a new request
     */
    public ForwardedRequest withHost(String host) {
        Map<String, List<String>> told = new LinkedHashMap<>(headers);
        told.put("Host", List.of(host));
        return new ForwardedRequest(target, told);
    }

    @Override
    public String toString() {
        int query = target.indexOf('?');
        return "ForwardedRequest[" + (query < 0 ? target : target.substring(0, query)) + "]";
    }
}
