package io.gatepost.policy;

import java.time.Duration;

/**
 * Hears of every decision: the single hook for metrics, audit and tracing. Called on the deciding thread, so it must be
 * quick, must not block and must be thread-safe; what it throws reaches the caller of the engine.
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
}
