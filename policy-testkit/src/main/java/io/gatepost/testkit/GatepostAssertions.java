package io.gatepost.testkit;

import io.gatepost.policy.Decision;
import io.gatepost.tools.replay.Replay;

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

    /**
     * Starts assertions on decisions on recorded requests.
     *
     * @param replay the decisions
     * @return assertions, whose failures tell each request's explanation
     */
    public static ReplayAssert assertThat(Replay replay) {
        return new ReplayAssert(replay);
    }
}
