package io.gatepost.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a token was found good by. While the key sets are the same and its times hold, so does the judgement.
 *
 * @param rules what was demanded of its claims
 * @param keySets the keys of every provider of its issuer, as they were
 */
record Grounds(ClaimRules rules, List<Read> keySets) {
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

    boolean holdFor(VerifiedToken token, Instant now) {
        return keySets.stream().allMatch(Read::isCurrent) && rules.isTimely(token.claims(), now);
    }

    /** How long the token can be good at most. */
    Duration timeLeft(VerifiedToken token, Instant now) {
        return rules.timeLeft(token.claims(), now);
    }
}
