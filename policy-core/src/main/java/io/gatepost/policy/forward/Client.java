package io.gatepost.policy.forward;

import io.gatepost.policy.PolicyRequest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;

/**
 * Who sent a request, and how, as far as that can be believed. What a client says of itself in headers of this kind
 * never counts and never travels: an upstream hears {@link #headers} instead.
 *
 * @param address an IP address as text; empty where unknown
 * @param scheme {@code http} or {@code https}
 * @param host the authority that was asked for; empty where unknown
 * @param told what else a trusted proxy says in headers of the family, such as {@code X-Forwarded-User}, by header;
 *     several values of one are joined by commas
 */
public record Client(String address, String scheme, String host, Map<String, String> told) {
    private static final String FAMILY = "x-forwarded-";

    /** What is written anew for each hop. */
    private static final HeaderNameSet REWRITTEN =
            new HeaderNameSet("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host");

    public Client {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(scheme, "scheme");
        Objects.requireNonNull(host, "host");
        told = told.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(told));
    }

    /**
     * A client of whom nobody tells more.
     *
     * @param address an IP address as text; empty where unknown
     * @param scheme {@code http} or {@code https}
     * @param host the authority that was asked for; empty where unknown
     */
    public Client(String address, String scheme, String host) {
        this(address, scheme, host, Map.of());
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
     * A view of a request whose source, scheme, host and headers say what is believed of its client, for adapters
     * without an {@link Entry}.
     *
     * @param request a request of this client
     * @return a view of it; what it says otherwise of its client is gone
     */
    public PolicyRequest in(PolicyRequest request) {
        return new ToldRequest(request, this);
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
     * Whether a header has a value only where a trusted proxy is in front: {@code X-Forwarded-User} and the like, but
     * not {@code X-Forwarded-For}, {@code -Proto} and {@code -Host}, which every request has behind the entry.
     *
     * @param name the header's name
     * @return whether a policy that reads it wants for trusted proxies
     */
    public static boolean needsProxy(String name) {
        return name.regionMatches(true, 0, FAMILY, 0, FAMILY.length()) && !REWRITTEN.contains(name);
    }

    /**
     * What the next hop is told: {@code X-Forwarded-For}, {@code -Proto} and {@code -Host}, and the same as
     * {@code Forwarded} (RFC 7239 section 4); and what a trusted proxy {@link #told}.
     *
     * @return values by header
     */
    public Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        tell(headers::put);
        return headers;
    }

    /** Says {@link #headers} one by one; a later one counts instead of an earlier one. */
    void tell(BiConsumer<String, String> header) {
        told.forEach(header);
        if (!address.isEmpty()) {
            header.accept("X-Forwarded-For", address);
        }
        header.accept("X-Forwarded-Proto", scheme);
        if (!host.isEmpty()) {
            header.accept("X-Forwarded-Host", host);
        }
        header.accept("Forwarded", forwarded());
    }

    private String forwarded() {
        String node = address.indexOf(':') < 0 ? address : "\"[" + address + "]\"";
        String source = address.isEmpty() ? "" : "for=" + node + ";";
        String target = host.isEmpty() ? "" : "host=\"" + host.replace("\\", "").replace("\"", "") + "\";";
        return source + target + "proto=" + scheme;
    }
}
