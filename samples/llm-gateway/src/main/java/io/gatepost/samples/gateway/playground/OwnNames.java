package io.gatepost.samples.gateway.playground;

import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The names under which the page may be asked for. Immutable. */
final class OwnNames {
    private static final Pattern HOST = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9.-]+)(?::\\d{1,5})?");
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(?:\\.\\d{1,3}){3}|\\[::1]");
    private static final HttpString FETCH_SITE = new HttpString("Sec-Fetch-Site");

    private final Set<String> more;

    OwnNames(Set<String> more) {
        this.more = more.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }

    boolean isOwn(@Nullable List<String> hosts) {
        Matcher parts = HOST.matcher(hosts == null || hosts.size() != 1 ? "" : hosts.get(0));
        if (!parts.matches()) {
            return false;
        }
        String name = parts.group(1).toLowerCase(Locale.ROOT);
        return LOOPBACK.matcher(name).matches() || more.contains(name);
    }

    /** Whether the page itself asks, or a program that is no browser: those tell no origin. */
    boolean isSameOrigin(HeaderMap headers) {
        List<String> origins = headers.get(Headers.ORIGIN);
        String host = headers.getFirst(Headers.HOST);
        boolean own = origins == null
                || (origins.size() == 1
                        && (origins.get(0).equals("http://" + host)
                                || origins.get(0).equals("https://" + host)));
        String site = headers.getFirst(FETCH_SITE);
        return own && (site == null || site.equals("same-origin"));
    }
}
