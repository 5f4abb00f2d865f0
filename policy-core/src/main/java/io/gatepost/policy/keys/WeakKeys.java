package io.gatepost.policy.keys;

import java.math.BigInteger;
import java.security.spec.ECFieldFp;
import java.security.spec.ECParameterSpec;
import java.util.Set;

/** Points of curves that are well-formed keys and yet let others sign. The JDK takes them all. */
final class WeakKeys {
    private static final BigInteger ED25519_PRIME = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));

    /** The y coordinate of a point of order 8; the points of smaller order have 0, 1 and -1. */
    private static final BigInteger ED25519_ORDER_8 =
            new BigInteger("5fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826", 16);

    private static final Set<BigInteger> ED25519_SMALL_ORDER = Set.of(
            BigInteger.ZERO,
            BigInteger.ONE,
            ED25519_PRIME.subtract(BigInteger.ONE),
            ED25519_ORDER_8,
            ED25519_PRIME.subtract(ED25519_ORDER_8));

    private WeakKeys() {}

    /** Whether a point satisfies its curve's equation; other points leak or forge (RFC 8725 section 3.4). */
    static boolean isOnCurve(BigInteger x, BigInteger y, ECParameterSpec spec) {
        BigInteger prime = ((ECFieldFp) spec.getCurve().getField()).getP();
        if (x.compareTo(prime) >= 0 || y.compareTo(prime) >= 0) {
            return false;
        }
        BigInteger right = x.pow(3)
                .add(spec.getCurve().getA().multiply(x))
                .add(spec.getCurve().getB());
        return y.pow(2).mod(prime).equals(right.mod(prime));
    }

    /** Whether a key is no canonical point, or one of small order, under which a constant signs any message. */
    static boolean isWeakEd25519(byte[] key) {
        BigInteger y = BigInteger.ZERO;
        for (int i = key.length - 1; i >= 0; i--) {
            y = y.shiftLeft(8).or(BigInteger.valueOf(key[i] & (i == key.length - 1 ? 0x7f : 0xff)));
        }
        return y.compareTo(ED25519_PRIME) >= 0 || ED25519_SMALL_ORDER.contains(y) || !isEd25519Coordinate(y);
    }

    /** Whether x² = (y² - 1) / (d y² + 1) has a solution (RFC 8032 section 5.1.3), by Euler's criterion. */
    private static boolean isEd25519Coordinate(BigInteger y) {
        BigInteger prime = ED25519_PRIME;
        BigInteger d = BigInteger.valueOf(-121665)
                .multiply(BigInteger.valueOf(121666).modInverse(prime))
                .mod(prime);
        BigInteger square = y.multiply(y).mod(prime);
        // The Legendre symbol of a quotient is that of the product.
        BigInteger product =
                square.subtract(BigInteger.ONE).multiply(square.multiply(d).add(BigInteger.ONE));
        return product.modPow(prime.shiftRight(1), prime).equals(BigInteger.ONE);
    }
}
