package io.gatepost.policy.forward;

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

    private HopByHop() {}

    /**
     * The headers of one message that stay behind.
     *
     * @param connection the values of its {@code Connection} header
     * @return names in lower case: those that always stay and those that {@code Connection} names; unmodifiable
     */
    public static Set<String> headers(List<String> connection) {
        if (connection.isEmpty()) {
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
