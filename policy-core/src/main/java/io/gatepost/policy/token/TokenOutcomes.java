package io.gatepost.policy.token;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the rules that look at nothing but the token came to for one token, so that each is evaluated once. Failures are
 * not kept. Thread-safe: where two threads write at once, one of them evaluates once more.
 */
public final class TokenOutcomes {
    private static final byte MATCHED = 1;
    private static final byte NOT_MATCHED = 2;

    private volatile byte[] known = {};

    TokenOutcomes() {}

    /**
     * Whether a rule held before.
     *
     * @param rule the rule's number in its engine, from 0
     * @return whether it held; null where that is not known
     */
    public @Nullable Boolean held(int rule) {
        byte[] results = known;
        byte result = rule < results.length ? results[rule] : 0;
        return result == 0 ? null : (Boolean) (result == MATCHED);
    }

    /**
     * Keeps what a rule came to.
     *
     * @param rule the rule's number in its engine, from 0
     * @param held whether it held
     */
    public void keep(int rule, boolean held) {
        byte[] results = known;
        if (rule >= results.length) {
            results = Arrays.copyOf(results, Math.max(results.length + results.length / 2, rule + 1));
            known = results;
        }
        // In place: another thread sees it, or nothing yet, and evaluates once more.
        results[rule] = held ? MATCHED : NOT_MATCHED;
    }
}
