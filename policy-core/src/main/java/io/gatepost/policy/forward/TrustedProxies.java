package io.gatepost.policy.forward;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.request.RequestTarget;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The proxies in front whose {@code X-Forwarded-*} headers are believed: who the client is, and what else they know of
 * it, such as {@code X-Forwarded-User} and {@code X-Forwarded-Access-Token} of a proxy that logs users in. Of anybody
 * else these headers are worth nothing, and {@code Forwarded} never is: a proxy that writes the one may pass on a
 * client's other. Immutable and thread-safe.
 */
public final class TrustedProxies {
    /** Nobody is believed. */
    public static final TrustedProxies NONE = new TrustedProxies(List.of());

    private static final int LONGEST = 45;
    private static final Pattern ADDRESS =
            Pattern.compile("[0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    private static final Pattern WITH_PORT = Pattern.compile("([0-9.]+):[0-9]{1,5}|\\[([^]]*)](?::[0-9]{1,5})?");

    private final List<Network> networks;

    private TrustedProxies(List<Network> networks) {
        this.networks = List.copyOf(networks);
    }

    /**
     * Believes the addresses of networks.
     *
     * @param networks networks such as {@code 10.0.0.0/8} and {@code fd00::/8}, and addresses
     * @return the proxies
     * @throws IllegalArgumentException where one is neither
     */
    public static TrustedProxies of(List<String> networks) {
        return new TrustedProxies(networks.stream().map(Network::parse).toList());
    }

    /**
     * Whether nobody is believed.
     *
     * @return whether there are no networks
     */
    public boolean isEmpty() {
        return networks.isEmpty();
    }

    /**
     * Whether a text is an IP address.
     *
     * @param text such as {@code 10.0.0.1} or {@code fd00::1}
     * @return false for anything else, a host's name among it
     */
    public static boolean isAddress(String text) {
        return octets(text) != null;
    }

    /**
     * Who sent a request: whoever connected, unless that is a trusted proxy. Then the last address of
     * {@code X-Forwarded-For} that is none, or that can't be told: what stands before it may be the client's invention.
     *
     * @param request the request as it came
     * @return its client
     */
    public Client clientOf(PolicyRequest request) {
        if (networks.isEmpty() || !isTrusted(request.sourceAddress())) {
            return Client.of(request);
        }
        String scheme = last(request, "X-Forwarded-Proto").toLowerCase(Locale.ROOT);
        String host = last(request, "X-Forwarded-Host");
        return new Client(
                address(request),
                scheme.equals("http") || scheme.equals("https") ? scheme : request.scheme(),
                RequestTarget.isHost(host) ? host : request.host(),
                told(request));
    }

    private static Map<String, String> told(PolicyRequest request) {
        Map<String, String> told = new LinkedHashMap<>();
        for (String name : request.headerNames()) {
            if (Client.needsProxy(name)) {
                told.put(name, String.join(", ", request.headers(name)));
            }
        }
        return told;
    }

    private String address(PolicyRequest request) {
        List<String> chain = values(request, "X-Forwarded-For");
        String address = request.sourceAddress();
        for (int i = chain.size() - 1; i >= 0 && isTrusted(address); i--) {
            String told = withoutPort(chain.get(i));
            address = octets(told) == null ? "" : told;
        }
        return address;
    }

    private static String withoutPort(String address) {
        Matcher parts = WITH_PORT.matcher(address);
        if (!parts.matches()) {
            return address;
        }
        return parts.group(1) == null ? parts.group(2) : parts.group(1);
    }

    private boolean isTrusted(String address) {
        if (networks.isEmpty()) {
            return false;
        }
        byte[] octets = octets(address);
        return octets != null && networks.stream().anyMatch(network -> network.contains(octets));
    }

    private static String last(PolicyRequest request, String header) {
        List<String> values = values(request, header);
        return values.isEmpty() ? "" : values.get(values.size() - 1);
    }

    private static List<String> values(PolicyRequest request, String header) {
        List<String> values = new ArrayList<>();
        for (String line : request.headers(header)) {
            for (String value : line.split(",", -1)) {
                if (!value.isBlank()) {
                    values.add(value.strip());
                }
            }
        }
        return values;
    }

    /** The octets of an address that is written as one; null for anything else. Never asks a name server. */
    private static byte @Nullable [] octets(String text) {
        // The pattern takes the square of a text's length.
        if (text.length() > LONGEST || !ADDRESS.matcher(text).matches()) {
            return null;
        }
        try {
            return InetAddress.getByName(text).getAddress();
        } catch (UnknownHostException e) {
            return null;
        }
    }

    /**
     * The addresses that begin alike.
     *
     * @param prefix the bits that count
     * @param bits how many they are
     * @param length how many an address has
     */
    private record Network(BigInteger prefix, int bits, int length) {
        private static final Pattern BITS = Pattern.compile("[0-9]{1,3}");

        static Network parse(String text) {
            int slash = text.indexOf('/');
            byte[] octets = octets(slash < 0 ? text : text.substring(0, slash));
            String written = slash < 0 ? "" : text.substring(slash + 1);
            int length = octets == null ? 0 : octets.length * 8;
            int bits = BITS.matcher(written).matches() ? Integer.parseInt(written) : slash < 0 ? length : -1;
            if (octets == null || bits < 0 || bits > length) {
                throw new IllegalArgumentException(
                        "expected a network such as `10.0.0.0/8` or an address, found `" + text + "`");
            }
            return new Network(new BigInteger(1, octets).shiftRight(length - bits), bits, length);
        }

        boolean contains(byte[] octets) {
            return octets.length * 8 == length
                    && new BigInteger(1, octets).shiftRight(length - bits).equals(prefix);
        }
    }
}
