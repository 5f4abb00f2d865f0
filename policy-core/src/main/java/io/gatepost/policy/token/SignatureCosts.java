package io.gatepost.policy.token;

import io.gatepost.policy.keys.SignatureAlgorithm;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * What checking a signature takes here, by algorithm: the provider makes it 17 microseconds or a thousand. Thread-safe.
 */
final class SignatureCosts {
    /** What it takes to hand a request to another thread and back. */
    private static final long HOP_NANOS = 25_000;

    private static final int SMOOTHING = 8;

    private final Map<SignatureAlgorithm, AtomicLong> nanos = Arrays.stream(SignatureAlgorithm.values())
            .collect(Collectors.toUnmodifiableMap(algorithm -> algorithm, algorithm -> new AtomicLong()));

    /** Takes a measurement in; of two at once one may be lost. */
    void took(SignatureAlgorithm algorithm, long elapsed) {
        AtomicLong average = of(algorithm);
        long before = average.get();
        average.set(before == 0 ? elapsed : before + (elapsed - before) / SMOOTHING);
    }

    /** Whether another thread had better do it; not before it was done once. */
    boolean exceedAHop(SignatureAlgorithm algorithm) {
        return of(algorithm).get() > HOP_NANOS;
    }

    private AtomicLong of(SignatureAlgorithm algorithm) {
        return Objects.requireNonNull(nanos.get(algorithm));
    }
}
