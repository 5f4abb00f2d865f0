package io.gatepost.tools.explain;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Client addresses on both sides of ranges. Not instantiable. */
final class Addresses {
    private static final Pattern LITERAL =
            Pattern.compile("[0-9]+(\\.[0-9]+){3}(/\\d+)?|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(/\\d+)?");

    /** Of each kind that policies tell apart: documentation, private, loopback, link-local. */
    static final List<String> USUAL = List.of(
            "203.0.113.7",
            "198.51.100.7",
            "10.1.2.3",
            "172.16.1.2",
            "192.168.1.2",
            "127.0.0.1",
            "169.254.1.2",
            "2001:db8::7",
            "fd00::7",
            "fe80::7",
            "::1");

    private Addresses() {}

    static boolean isAddress(Object value) {
        return value instanceof String text
                && text.indexOf('/') < 0
                && LITERAL.matcher(text).matches();
    }

    /** Adds the first and the last address of a range, one between, and the neighbours outside. */
    static void addAround(Object literal, Set<Object> addresses) {
        if (!(literal instanceof String text) || !LITERAL.matcher(text).matches()) {
            return;
        }
        String[] parts = text.split("/", 2);
        try {
            // No name is looked up: it is an address.
            byte[] octets = InetAddress.getByName(parts[0]).getAddress();
            int size = octets.length * 8;
            int prefix = parts.length == 1 ? size : Math.min(size, Integer.parseInt(parts[1]));
            BigInteger width = BigInteger.ONE.shiftLeft(size - prefix);
            BigInteger first = new BigInteger(1, octets).andNot(width.subtract(BigInteger.ONE));
            BigInteger next = first.add(width);
            add(first, size, addresses);
            add(next.subtract(BigInteger.ONE), size, addresses);
            add(first.add(width.shiftRight(1)), size, addresses);
            add(first.subtract(BigInteger.ONE), size, addresses);
            add(next, size, addresses);
            addresses.add(parts[0]);
        } catch (UnknownHostException | NumberFormatException none) {
            // Then it is no range, and nothing lies around it.
        }
    }

    private static void add(BigInteger address, int size, Set<Object> addresses) throws UnknownHostException {
        if (address.signum() < 0 || address.bitLength() > size) {
            return;
        }
        byte[] octets = new byte[size / 8];
        byte[] digits = address.toByteArray();
        int length = Math.min(digits.length, octets.length);
        System.arraycopy(digits, digits.length - length, octets, octets.length - length, length);
        if (size == 128
                && Arrays.equals(Arrays.copyOf(octets, 12), new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1})) {
            return;
        }
        addresses.add(InetAddress.getByAddress(octets).getHostAddress());
    }
}
