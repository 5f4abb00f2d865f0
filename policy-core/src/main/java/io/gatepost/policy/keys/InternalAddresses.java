package io.gatepost.policy.keys;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.apache.hc.client5.http.DnsResolver;

/** Addresses of this machine and of private networks, where others than the public may answer. */
final class InternalAddresses {
    private InternalAddresses() {}

    /** A name has none but internal addresses where none is allowed. */
    static final class RefusedException extends UnknownHostException {
        private static final long serialVersionUID = 1L;

        RefusedException() {
            super("the host's address is an internal one");
        }
    }

    /** Looks names up, and knows no internal address of any: the one that is judged is the one connected to. */
    static final DnsResolver AVOIDING = new DnsResolver() {
        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            InetAddress[] outside = Arrays.stream(InetAddress.getAllByName(host))
                    .filter(address -> !contain(address))
                    .toArray(InetAddress[]::new);
            if (outside.length == 0) {
                throw new RefusedException();
            }
            return outside;
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    };

    /** Whether an address is one of loopback, a link, a private or shared network, a group, or none at all. */
    static boolean contain(InetAddress address) {
        return address.isLoopbackAddress()
                || address.isAnyLocalAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()
                || isReserved(address);
    }

    /** RFC 6890 beyond what the JDK knows: 0/8, 100.64/10, 240/4 and fc00::/7. */
    private static boolean isReserved(InetAddress address) {
        byte[] octets = address.getAddress();
        int first = octets[0] & 0xff;
        return address instanceof Inet4Address
                ? first == 0 || first >= 240 || (first == 100 && (octets[1] & 0xc0) == 64)
                : (first & 0xfe) == 0xfc;
    }
}
