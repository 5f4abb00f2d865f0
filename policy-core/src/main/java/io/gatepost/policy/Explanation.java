package io.gatepost.policy;

import java.util.List;
import java.util.Objects;

/**
 * Why a decision came out as it did, for logs, listeners and tools; never for a response. Holds no token text and no
 * claim value.
 *
 * @param summary one sentence: what decided and why
 * @param rules the expressions that were evaluated, in order; the last one decided where the decision was a rule's
 */
public record Explanation(String summary, List<RuleOutcome> rules) {
    public Explanation {
        Objects.requireNonNull(summary, "summary");
        rules = List.copyOf(rules);
    }

    @Override
    public String toString() {
        return summary;
    }
}
