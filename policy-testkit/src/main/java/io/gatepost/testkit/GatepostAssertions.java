package io.gatepost.testkit;

import io.gatepost.policy.Decision;

/** AssertJ's door to Gatepost: {@code assertThat(decision).isDenied().because(TOKEN_EXPIRED)}. */
public final class GatepostAssertions {
    private GatepostAssertions() {}

    /**
     * Starts assertions on a decision.
     *
     * @param decision the decision
     * @return assertions, whose failures tell the decision's explanation
     */
    public static DecisionAssert assertThat(Decision decision) {
        return new DecisionAssert(decision);
    }
}
