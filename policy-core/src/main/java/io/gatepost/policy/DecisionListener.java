package io.gatepost.policy;

import io.gatepost.policy.model.ObjectName;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Hears of every decision: the single hook for metrics, audit and tracing. Called on the deciding thread, so it must be
 * quick, must not block and must be thread-safe; what it throws reaches the caller of the engine.
 *
 * <p>One listener serves all routes. It learns the route from {@link PolicyRequest#route}, and the policy from
 * {@link DecidedBy}; neither is made for a decision, so listening allocates nothing. Where policies stand before and
 * after routing, it hears of each phase that decided, in that order.
 */
@FunctionalInterface
public interface DecisionListener {
    /**
     * A decision was made.
     *
     * @param request the request
     * @param decision what was decided
     * @param elapsed how long deciding took
     */
    void decided(PolicyRequest request, Decision decision, Duration elapsed);

    /**
     * A decision was made. This is what engines call; a listener that need not know by what leaves it as it is.
     *
     * @param request the request
     * @param decision what was decided
     * @param elapsed how long deciding took
     * @param by what decided
     */
    default void decided(PolicyRequest request, Decision decision, Duration elapsed, DecidedBy by) {
        decided(request, decision, elapsed);
    }

    /**
     * What made a decision. Made once per engine, not per decision. Immutable and thread-safe.
     *
     * @param policy the policy that answers for the decision where no rule does: the one that authenticates, or the
     *     invalid one that closes the route; null where there is none
     * @param engine the engine that decided, to look at its policies or to examine the credential again; null where a
     *     route is closed and no engine was asked
     */
    record DecidedBy(@Nullable ObjectName policy, @Nullable PolicyEngine engine) {}
}
