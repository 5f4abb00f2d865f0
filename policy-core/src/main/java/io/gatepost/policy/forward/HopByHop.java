package io.gatepost.policy.forward;

import io.gatepost.policy.ErrorResponse;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Headers that concern one hop only and never travel on, in either direction (RFC 9110 section 7.6.1). */
public final class HopByHop {
    private static final Set<String> ALWAYS = Set.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "http2-settings");

    private static final HeaderNameSet ALWAYS_IN_ANY_CASE = new HeaderNameSet(ALWAYS.toArray(String[]::new));

    /** The answer of a server that forwards no WebSockets. */
    public static final ErrorResponse NO_WEBSOCKET =
            ErrorResponse.of(501, "websocket_unsupported", "this server does not forward WebSockets");

    private HopByHop() {}

    /**
     * Whether a request asks to change to WebSocket (RFC 6455 section 4.1). Sent on without that, it would mean
     * something else to the upstream: who can't connect both sides refuses it with {@link #NO_WEBSOCKET}.
     *
     * @param method the method
     * @param upgrade the values of its {@code Upgrade} header
     * @return whether it does
     */
    public static boolean isWebSocket(String method, Collection<String> upgrade) {
        return method.equals("GET")
                && upgrade.stream().anyMatch(protocol -> protocol.strip().equalsIgnoreCase("websocket"));
    }

    /** Whether a header stays behind, whatever {@code Connection} names. */
    static boolean staysBehind(String name) {
        return ALWAYS_IN_ANY_CASE.contains(name);
    }

    /**
     * The headers of one message that stay behind.
     *
     * @param connection the values of its {@code Connection} header
     * @return names in lower case: those that always stay and those that {@code Connection} names; unmodifiable
     */
    public static Set<String> headers(List<String> connection) {
        if (connection.isEmpty() || (connection.size() == 1 && staysBehind(connection.get(0)))) {
            return ALWAYS;
        }
        Set<String> names = new HashSet<>(ALWAYS);
        for (String value : connection) {
            for (String name : value.split(",", -1)) {
                names.add(name.strip().toLowerCase(Locale.ROOT));
            }
        }
        return Collections.unmodifiableSet(names);
    }
}
