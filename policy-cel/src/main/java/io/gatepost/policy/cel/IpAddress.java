package io.gatepost.policy.cel;

import com.google.common.net.InetAddresses;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.values.OpaqueValue;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An IP address: 4 bytes or 16. An IPv4 address written as an IPv6 one stays an IPv6 address. */
@SuppressWarnings("Immutable") // the bytes are never handed out nor changed
final class IpAddress extends OpaqueValue {
    static final OpaqueType TYPE = OpaqueType.create("gatepost.Ip");
    private final byte[] bytes;

    IpAddress(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    /** Empty where the text is no address; names are not looked up, zones are refused. */
    static Optional<IpAddress> parse(String text) {
        Evaluation.charge(CelLimits.FUNCTION_COST);
        if (text.length() > 45 || text.indexOf('%') >= 0 || !InetAddresses.isInetAddress(text)) {
            return Optional.empty();
        }
        byte[] parsed = InetAddresses.forString(text).getAddress();
        if (parsed.length == 4 && text.indexOf(':') >= 0) {
            byte[] mapped = new byte[16];
            mapped[10] = (byte) 0xff;
            mapped[11] = (byte) 0xff;
            System.arraycopy(parsed, 0, mapped, 12, 4);
            return Optional.of(new IpAddress(mapped));
        }
        return Optional.of(new IpAddress(parsed));
    }

    /** A {@link Failure} where the text is no address. */
    static IpAddress of(String text) {
        return parse(text).orElseThrow(() -> new Failure("not an IP address"));
    }

    int size() {
        return bytes.length;
    }

    /** The network that the address is in, with a prefix of this many bits. */
    IpAddress masked(int prefix) {
        byte[] masked = bytes.clone();
        for (int i = 0; i < masked.length; i++) {
            int bits = Math.max(0, Math.min(8, prefix - i * 8));
            masked[i] &= (byte) (0xff00 >> bits);
        }
        return new IpAddress(masked);
    }

    long family() {
        return bytes.length == 4 ? 4 : 6;
    }

    boolean isUnspecified() {
        return masked(0).equals(this);
    }

    boolean isLoopback() {
        return bytes.length == 4 ? bytes[0] == 127 : isIn("::1", 128);
    }

    boolean isLinkLocalMulticast() {
        return bytes.length == 4 ? isIn("224.0.0.0", 24) : bytes[0] == (byte) 0xff && (bytes[1] & 0x0f) == 2;
    }

    boolean isLinkLocalUnicast() {
        return isIn("169.254.0.0", 16) || isIn("fe80::", 10);
    }

    /** Private addresses count as global ones. */
    boolean isGlobalUnicast() {
        boolean multicast = isIn("224.0.0.0", 4) || isIn("ff00::", 8);
        return !(isUnspecified() || isLoopback() || multicast || isLinkLocalUnicast() || isIn("255.255.255.255", 32));
    }

    private boolean isIn(String network, int prefix) {
        IpAddress other = of(network);
        return other.size() == size() && masked(prefix).equals(other);
    }

    @Override
    public Object value() {
        return this;
    }

    @Override
    public OpaqueType celType() {
        return TYPE;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof IpAddress address && Arrays.equals(bytes, address.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        try {
            InetAddress address =
                    bytes.length == 4 ? InetAddress.getByAddress(bytes) : Inet6Address.getByAddress(null, bytes, -1);
            return InetAddresses.toAddrString(address);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes are an address", e);
        }
    }
}
