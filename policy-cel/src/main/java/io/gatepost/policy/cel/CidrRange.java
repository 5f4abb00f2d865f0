package io.gatepost.policy.cel;

import dev.cel.common.types.OpaqueType;
import dev.cel.common.values.OpaqueValue;
import org.jspecify.annotations.Nullable;

/** A range of IP addresses, such as {@code 10.0.0.0/8}; the address keeps the bits behind the prefix. */
final class CidrRange extends OpaqueValue {
    static final OpaqueType TYPE = OpaqueType.create("gatepost.Cidr");
    private static final int LONGEST = 49;
    private final IpAddress address;
    private final int prefix;

    private CidrRange(IpAddress address, int prefix) {
        this.address = address;
        this.prefix = prefix;
    }

    /** A {@link Failure} where the text is no range. */
    static CidrRange of(String text) {
        Evaluation.charge(CelLimits.FUNCTION_COST);
        int slash = text.length() > LONGEST ? -1 : text.indexOf('/');
        String bits = slash < 0 ? "" : text.substring(slash + 1);
        if (!bits.matches("0|[1-9][0-9]{0,2}")) {
            throw new Failure("not a range such as `10.0.0.0/8`");
        }
        IpAddress address = IpAddress.of(text.substring(0, slash));
        int prefix = Integer.parseInt(bits);
        if (prefix > address.size() * 8) {
            throw new Failure("the prefix is longer than the address");
        }
        return new CidrRange(address, prefix);
    }

    boolean contains(IpAddress other) {
        return other.size() == address.size() && other.masked(prefix).equals(address.masked(prefix));
    }

    boolean contains(CidrRange other) {
        return other.prefix >= prefix && contains(other.address);
    }

    IpAddress ip() {
        return address;
    }

    CidrRange masked() {
        return new CidrRange(address.masked(prefix), prefix);
    }

    long prefixLength() {
        return prefix;
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
        return other instanceof CidrRange range && range.prefix == prefix && range.address.equals(address);
    }

    @Override
    public int hashCode() {
        return 31 * address.hashCode() + prefix;
    }

    @Override
    public String toString() {
        return address + "/" + prefix;
    }
}
