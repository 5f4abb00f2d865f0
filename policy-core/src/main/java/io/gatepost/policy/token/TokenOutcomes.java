package io.gatepost.policy.token;

import io.gatepost.policy.Rule;
import io.gatepost.policy.RuleOutcome;
import io.gatepost.policy.RuleOutcome.Result;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the rules that look at nothing but the token came to for one token, so that each is evaluated once. Failures are
 * not kept. Thread-safe: where two threads write at once, one of them evaluates once more.
 */
final class TokenOutcomes {
    private static final byte MATCHED = 1;
    private static final byte NOT_MATCHED = 2;

    private volatile byte[] known = {};

    /** What a rule came to before; null where that is not known. */
    @Nullable
    Result of(Rule rule) {
        byte[] results = known;
        byte result = rule.number() < results.length ? results[rule.number()] : 0;
        return result == 0 ? null : result == MATCHED ? Result.MATCHED : Result.NOT_MATCHED;
    }

    void keep(RuleOutcome outcome) {
        if (outcome.result() == Result.FAILED) {
            return;
        }
        byte[] before = known;
        int number = outcome.rule().number();
        byte[] after = Arrays.copyOf(before, Math.max(before.length, number + 1));
        after[number] = outcome.result() == Result.MATCHED ? MATCHED : NOT_MATCHED;
        known = after;
    }
}
