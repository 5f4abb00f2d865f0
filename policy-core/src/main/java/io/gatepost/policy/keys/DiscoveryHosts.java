package io.gatepost.policy.keys;

import java.net.URI;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a discovery document may send for keys, beside the issuer's own host. A document comes from outside, and with
 * it whom the gateway asks.
 *
 * @param listed hosts, with {@code http://} before those that may be asked without TLS; null: any by name, with TLS
 */
record DiscoveryHosts(@Nullable Set<String> listed) {
    static final DiscoveryHosts BY_NAME = new DiscoveryHosts(null);

    private static final Pattern ENTRY = Pattern.compile("(?:http://)?(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])");
    private static final Pattern LITERAL = Pattern.compile(".*:.*|(?:.*\\.)?(?:[0-9]+|0[xX][0-9A-Fa-f]*)");

    static DiscoveryHosts of(Collection<String> hosts) {
        for (String host : hosts) {
            if (!ENTRY.matcher(host).matches()) {
                throw new IllegalArgumentException("`" + host + "`: expected a host without port and path, such as"
                        + " `keys.example.com`, or `http://keys.internal` where it has no TLS");
            }
        }
        return new DiscoveryHosts(hosts.stream().map(DiscoveryHosts::normal).collect(Collectors.toUnmodifiableSet()));
    }

    /** How the host of a document's key set stands to its issuer. */
    enum Standing {
        /** It is the issuer's own, or listed. */
        TRUSTED,
        /** A host by name that nobody named but the document. */
        OTHER,
        REFUSED
    }

    Standing standing(URI keys, URI metadata) {
        String host = normal(KeyClient.host(keys));
        boolean secured = "https".equalsIgnoreCase(keys.getScheme()) || !"https".equalsIgnoreCase(metadata.getScheme());
        if (!secured) {
            return isListed("http://" + host) ? Standing.TRUSTED : Standing.REFUSED;
        }
        if (host.equals(normal(KeyClient.host(metadata))) || isListed(host) || isListed("http://" + host)) {
            return Standing.TRUSTED;
        }
        return listed != null || LITERAL.matcher(host).matches() ? Standing.REFUSED : Standing.OTHER;
    }

    private boolean isListed(String host) {
        return listed != null && listed.contains(host);
    }

    private static String normal(String host) {
        String lower = host.toLowerCase(Locale.ROOT).replaceAll("[\\[\\]]", "");
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }
}
