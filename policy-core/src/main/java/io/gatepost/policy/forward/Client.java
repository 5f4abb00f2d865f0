package io.gatepost.policy.forward;

import io.gatepost.policy.PolicyRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Who sent a request, and how, as far as that can be believed. What a client says of itself in headers of this kind
 * never counts and never travels: an upstream hears {@link #headers} instead.
 *
 * @param address an IP address as text; empty where unknown
 * @param scheme {@code http} or {@code https}
 * @param host the authority that was asked for; empty where unknown
 */
public record Client(String address, String scheme, String host) {
    private static final String FAMILY = "x-forwarded-";

    public Client {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(scheme, "scheme");
        Objects.requireNonNull(host, "host");
    }

    /**
     * The client of a request whose own view is believed.
     *
     * @param request the request
     * @return its client
     */
    public static Client of(PolicyRequest request) {
        return new Client(request.sourceAddress(), request.scheme(), request.host());
    }

    /**
     * Whether a header speaks of the client: {@code Forwarded} (RFC 7239), {@code X-Forwarded-*}, {@code X-Real-IP}.
     *
     * @param name the header's name
     * @return whether whoever sends it must be believed
     */
    public static boolean isToldBy(String name) {
        return name.regionMatches(true, 0, FAMILY, 0, FAMILY.length())
                || name.equalsIgnoreCase("forwarded")
                || name.equalsIgnoreCase("x-real-ip");
    }

    /**
     * What the next hop is told: {@code X-Forwarded-For}, {@code -Proto} and {@code -Host}, and the same as
     * {@code Forwarded} (RFC 7239 section 4).
     *
     * @return values by header
     */
    public Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        StringBuilder forwarded = new StringBuilder();
        if (!address.isEmpty()) {
            headers.put("X-Forwarded-For", address);
            forwarded
                    .append("for=")
                    .append(address.contains(":") ? "\"[" + address + "]\"" : address)
                    .append(';');
        }
        headers.put("X-Forwarded-Proto", scheme);
        if (!host.isEmpty()) {
            headers.put("X-Forwarded-Host", host);
            forwarded
                    .append("host=\"")
                    .append(host.replace("\\", "").replace("\"", ""))
                    .append("\";");
        }
        headers.put("Forwarded", forwarded.append("proto=").append(scheme).toString());
        return headers;
    }
}
