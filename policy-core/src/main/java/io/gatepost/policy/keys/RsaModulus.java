package io.gatepost.policy.keys;

import java.math.BigInteger;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Tells RSA moduli that anybody can factor, so that anybody can sign. The JDK takes them all. */
final class RsaModulus {
    private static final int[] ROCA_PRIMES = primes(3, 167);
    private static final BigInteger SMALL_PRIMES =
            IntStream.of(primes(2, 1000)).mapToObj(BigInteger::valueOf).reduce(BigInteger.ONE, BigInteger::multiply);
    private static final int FERMAT_ROUNDS = 16;

    /** A look at a modulus takes milliseconds, and a key set is read again and again. */
    private static final Set<BigInteger> SOUND =
            Collections.newSetFromMap(Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<BigInteger, Boolean> eldest) {
                    return size() > 2 * KeySet.MAX_KEYS;
                }
            }));

    private RsaModulus() {}

    /** Why a modulus protects nothing; null where it does, as far as can be told. */
    static @Nullable String weakness(BigInteger modulus) {
        if (SOUND.contains(modulus)) {
            return null;
        }
        String weakness = search(modulus);
        if (weakness == null) {
            SOUND.add(modulus);
        }
        return weakness;
    }

    private static @Nullable String search(BigInteger modulus) {
        if (!modulus.gcd(SMALL_PRIMES).equals(BigInteger.ONE)) {
            return "it has a small factor";
        }
        if (isRoca(modulus)) {
            return "CVE-2017-15361";
        }
        if (hasCloseFactors(modulus)) {
            return "its factors are too close to each other";
        }
        return isPrimePower(modulus) ? "it is a prime, or the power of one" : null;
    }

    /** By Fermat: 2^n is 2 modulo p wherever n is a power of the prime p. */
    private static boolean isPrimePower(BigInteger modulus) {
        BigInteger rest = BigInteger.TWO.modPow(modulus, modulus).subtract(BigInteger.TWO);
        return !rest.gcd(modulus).equals(BigInteger.ONE);
    }

    /** Whether n = (a - b)(a + b) for an a next to its root, as of generators with a flaw (CVE-2022-26320). */
    private static boolean hasCloseFactors(BigInteger modulus) {
        BigInteger a = modulus.sqrt();
        for (int i = 0; i <= FERMAT_ROUNDS; i++) {
            BigInteger square = a.multiply(a).subtract(modulus);
            if (square.signum() >= 0 && isSquare(square)) {
                return true;
            }
            a = a.add(BigInteger.ONE);
        }
        return false;
    }

    private static boolean isSquare(BigInteger value) {
        int end = value.intValue() & 15;
        return (end == 0 || end == 1 || end == 4 || end == 9) && value.sqrtAndRemainder()[1].signum() == 0;
    }

    /** Whether it has the fingerprint of primes that are powers of 65537 modulo all small primes (ROCA). */
    private static boolean isRoca(BigInteger modulus) {
        for (int prime : ROCA_PRIMES) {
            if (!isPowerOf65537(modulus.mod(BigInteger.valueOf(prime)).intValue(), prime)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPowerOf65537(int value, int prime) {
        int power = 1;
        for (int i = 0; i < prime; i++) {
            if (power == value) {
                return true;
            }
            power = power * (65537 % prime) % prime;
        }
        return false;
    }

    private static int[] primes(int from, int to) {
        return IntStream.rangeClosed(from, to).filter(RsaModulus::isPrime).toArray();
    }

    private static boolean isPrime(int number) {
        for (int factor = 2; factor * factor <= number; factor++) {
            if (number % factor == 0) {
                return false;
            }
        }
        return true;
    }
}
