package io.gatepost.policy;

import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.ObjectName;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one expression came to in one decision.
 *
 * @param policy the policy it belongs to
 * @param action what it means that it holds
 * @param expression its text and where it is written
 * @param result what it came to
 * @param error why it could not be evaluated; null unless {@code result} is {@code FAILED}
 */
public record RuleOutcome(
        ObjectName policy,
        AuthorizationAction action,
        MatchExpression expression,
        Result result,
        @Nullable String error) {
    /** What an expression came to. */
    public enum Result {
        /** It held. */
        MATCHED,
        /** It did not hold. */
        NOT_MATCHED,
        /** It could not be evaluated. */
        FAILED
    }

    public RuleOutcome {
        Objects.requireNonNull(policy, "policy");
        Objects.requireNonNull(action, "action");
        Objects.requireNonNull(expression, "expression");
        Objects.requireNonNull(result, "result");
    }
}
