package io.gatepost.policy.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelFunctionOverload;

/** Addresses and ranges: {@code ip}, {@code isIP}, {@code cidr} and what can be asked of them. */
final class NetworkFunctions {
    private static final CelType IP = IpAddress.TYPE;
    private static final CelType CIDR = CidrRange.TYPE;
    private static final CelType STRING = SimpleType.STRING;
    private static final CelType BOOL = SimpleType.BOOL;

    private NetworkFunctions() {}

    static void addTo(Functions functions) {
        functions.global("ip", IP, args -> IpAddress.of((String) args[0]), STRING);
        functions.global("isIP", BOOL, args -> IpAddress.parse((String) args[0]).isPresent(), STRING);
        functions.member("family", SimpleType.INT, args -> ((IpAddress) args[0]).family(), IP);
        addTest(functions, "isUnspecified", IpAddress::isUnspecified);
        addTest(functions, "isLoopback", IpAddress::isLoopback);
        addTest(functions, "isLinkLocalMulticast", IpAddress::isLinkLocalMulticast);
        addTest(functions, "isLinkLocalUnicast", IpAddress::isLinkLocalUnicast);
        addTest(functions, "isGlobalUnicast", IpAddress::isGlobalUnicast);
        addRanges(functions);
    }

    private static void addTest(Functions functions, String name, CelFunctionOverload.Unary<IpAddress> test) {
        functions.member(name, BOOL, args -> test.apply((IpAddress) args[0]), IP);
    }

    private static void addRanges(Functions functions) {
        functions.global("cidr", CIDR, args -> CidrRange.of((String) args[0]), STRING);
        functions.member("containsIP", BOOL, args -> range(args).contains((IpAddress) args[1]), CIDR, IP);
        functions.member(
                "containsIP", BOOL, args -> range(args).contains(IpAddress.of((String) args[1])), CIDR, STRING);
        functions.member("containsCIDR", BOOL, args -> range(args).contains((CidrRange) args[1]), CIDR, CIDR);
        functions.member(
                "containsCIDR", BOOL, args -> range(args).contains(CidrRange.of((String) args[1])), CIDR, STRING);
        functions.member("ip", IP, args -> range(args).ip(), CIDR);
        functions.member("masked", CIDR, args -> range(args).masked(), CIDR);
        functions.member("prefixLength", SimpleType.INT, args -> range(args).prefixLength(), CIDR);
    }

    private static CidrRange range(Object[] args) {
        return (CidrRange) args[0];
    }
}
