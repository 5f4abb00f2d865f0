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

/** The names under which pages for operators may be asked for: no name that somebody else can turn to this address. */
public final class OwnNames {
    private static final Pattern HOST = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9.-]+)(?::\\d{1,5})?");
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(?:\\.\\d{1,3}){3}|\\[::1]");
    /** An address is nobody's to turn. */
    private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(?:\\.\\d{1,3}){3}|\\[.*]");

    private static final HttpString FETCH_SITE = new HttpString("Sec-Fetch-Site");

    private final Set<String> more;

    /** @param more names beside those of loopback */
    public OwnNames(Set<String> more) {
        this.more = more.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }

    boolean isOwn(@Nullable List<String> hosts) {
        String name = name(hosts);
        return LOOPBACK.matcher(name).matches() || more.contains(name);
    }

    /**
     * Whether a name is one of these, or any address.
     *
     * @param hosts the {@code Host} headers of a request
     * @return whether there is one, and its host is
     */
    public boolean isOwnOrAddress(@Nullable List<String> hosts) {
        return isOwn(hosts) || ADDRESS.matcher(name(hosts)).matches();
    }

    /** Empty where there is not exactly one. */
    private static String name(@Nullable List<String> hosts) {
        Matcher parts = HOST.matcher(hosts == null || hosts.size() != 1 ? "" : hosts.get(0));
        return parts.matches() ? parts.group(1).toLowerCase(Locale.ROOT) : "";
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
