package io.gatepost.policy.token;

import io.gatepost.policy.keys.KeySet;
import io.gatepost.policy.keys.KeySource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a token was found good by. While the key sets are the same and its times hold, so does the judgement.
 *
 * @param period when its times hold
 * @param keySets the keys of every provider of its issuer, as they were
 */
record Grounds(Period period, List<Read> keySets) {
    private static final Duration CENTURY = Duration.ofDays(36_525);

    /** What a source held when it was read. */
    record Read(KeySource source, @Nullable KeySet keys) {
        static Read of(KeySource source) {
            return new Read(source, source.current());
        }

        /** A set that was read again without a change keeps its identity. */
        @SuppressWarnings("ReferenceEquality")
        boolean isCurrent() {
            return source.current() == keys;
        }
    }

    /**
     * When a token's {@code nbf} and {@code exp} hold, the clock skew allowed for.
     *
     * @param from the first moment
     * @param until the first moment after it
     */
    record Period(Instant from, Instant until) {
        boolean includes(Instant now) {
            return !now.isBefore(from) && now.isBefore(until);
        }
    }

    boolean hold(Instant now) {
        for (Read read : keySets) {
            if (!read.isCurrent()) {
                return false;
            }
        }
        return period.includes(now);
    }

    /** How long the token can be good at most; a century where it does not expire sooner. */
    Duration timeLeft(Instant now) {
        Instant end = period.until().isAfter(now.plus(CENTURY)) ? now.plus(CENTURY) : period.until();
        return Duration.between(now, end).isNegative() ? Duration.ZERO : Duration.between(now, end);
    }
}
