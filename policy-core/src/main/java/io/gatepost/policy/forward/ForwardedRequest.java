package io.gatepost.policy.forward;

import java.util.List;
import java.util.Map;
import java.util.Objects;

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

    @Override
    public String toString() {
        int query = target.indexOf('?');
        return "ForwardedRequest[" + (query < 0 ? target : target.substring(0, query)) + "]";
    }
}
