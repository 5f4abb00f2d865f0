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
     * The same, with where the request came from ({@code X-Forwarded-For}, {@code -Proto} and {@code -Host}). Whatever
     * the client says of itself in these headers, the upstream hears what is so.
     *
     * @param request the request as it was judged
     * @return a new request
     */
    public ForwardedRequest withClient(PolicyRequest request) {
        Map<String, List<String>> told = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        told.putAll(headers);
        told.remove("Forwarded");
        told.put("X-Forwarded-For", List.of(request.sourceAddress()));
        told.put("X-Forwarded-Proto", List.of(request.scheme()));
        told.put("X-Forwarded-Host", List.of(request.host()));
        return new ForwardedRequest(target, told);
    }

    @Override
    public String toString() {
        int query = target.indexOf('?');
        return "ForwardedRequest[" + (query < 0 ? target : target.substring(0, query)) + "]";
    }
}
