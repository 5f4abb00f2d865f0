package io.gatepost.policy.forward;

import io.gatepost.policy.PolicyRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The proxies in front whose {@code X-Forwarded-For}, {@code -Proto} and {@code -Host} are believed. Of anybody else
 * these headers are worth nothing, and {@code Forwarded} never is: a proxy that writes the one may pass on a client's
 * other. Immutable and thread-safe.
 */
public final class TrustedProxies {
    /** Nobody is believed. */
    public static final TrustedProxies NONE = new TrustedProxies(List.of());

    private static final Pattern HOST =
            Pattern.compile("(?:[A-Za-z0-9._-]{1,255}|\\[[0-9A-Fa-f:.]{2,45}])(?::[0-9]{1,5})?");

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
     * Who sent a request: whoever connected, unless that is a trusted proxy. Then the last address of
     * {@code X-Forwarded-For} that is none, or that can't be told: what stands before it may be the client's invention.
     *
     * @param request the request as it came
     * @return its client
     */
    public Client clientOf(PolicyRequest request) {
        if (!isTrusted(request.sourceAddress())) {
            return Client.of(request);
        }
        String scheme = last(request, "X-Forwarded-Proto").toLowerCase(Locale.ROOT);
        String host = last(request, "X-Forwarded-Host");
        return new Client(
                address(request),
                scheme.equals("http") || scheme.equals("https") ? scheme : request.scheme(),
                HOST.matcher(host).matches() ? host : request.host());
    }

    private String address(PolicyRequest request) {
        List<String> chain = values(request, "X-Forwarded-For");
        String address = request.sourceAddress();
        for (int i = chain.size() - 1; i >= 0 && isTrusted(address); i--) {
            byte[] octets = Network.octets(chain.get(i));
            address = octets == null ? "" : chain.get(i);
        }
        return address;
    }

    private boolean isTrusted(String address) {
        byte[] octets = Network.octets(address);
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
                values.add(value.strip());
            }
        }
        return values;
    }

    /** An address and how many of its leading bits count. */
    private record Network(byte[] address, int bits) {
        private static final Pattern ADDRESS =
                Pattern.compile("[0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

        static Network parse(String text) {
            int slash = text.indexOf('/');
            byte[] address = octets(slash < 0 ? text : text.substring(0, slash));
            String bits = slash < 0 ? "" : text.substring(slash + 1);
            if (address == null || (slash >= 0 && !bits.matches("[0-9]{1,3}"))) {
                throw unreadable(text);
            }
            int count = slash < 0 ? address.length * 8 : Integer.parseInt(bits);
            if (count > address.length * 8) {
                throw unreadable(text);
            }
            return new Network(address, count);
        }

        private static IllegalArgumentException unreadable(String text) {
            return new IllegalArgumentException(
                    "expected a network such as `10.0.0.0/8` or an address, found `" + text + "`");
        }

        /** The octets of an address that is written as one; null for anything else. Never asks a name server. */
        static byte @Nullable [] octets(String text) {
            if (!ADDRESS.matcher(text).matches()) {
                return null;
            }
            try {
                return InetAddress.getByName(text).getAddress();
            } catch (UnknownHostException e) {
                return null;
            }
        }

        boolean contains(byte[] other) {
            if (other.length != address.length) {
                return false;
            }
            int whole = bits / 8;
            int mask = 0xff00 >> (bits % 8);
            return Arrays.equals(address, 0, whole, other, 0, whole)
                    && (bits % 8 == 0 || ((address[whole] ^ other[whole]) & mask & 0xff) == 0);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Network network && bits == network.bits && Arrays.equals(address, network.address);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(address) * 31 + bits;
        }
    }
}
