package io.gatepost.policy.model;

import io.gatepost.policy.diagnostic.Origin;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * What callers may do.
 *
 * @param action what it means that an expression holds
 * @param matchExpressions 1 to 256 expressions; each is a rule of its own: any of them suffices for Allow and Deny, all
 *     must hold for Require ({@code docs/semantics.md#rules})
 * @param onEvaluationError what an error in a Deny expression does
 * @param origin where it is written
 * @param enforcement whether they count, or are only reported
 */
public record Authorization(
        AuthorizationAction action,
        List<MatchExpression> matchExpressions,
        EvaluationErrorPolicy onEvaluationError,
        Origin origin,
        Enforcement enforcement) {
    /** What an evaluation error in a Deny expression does ({@code onEvaluationError} beside {@code action}). */
    public enum EvaluationErrorPolicy {
        /** It denies. The default, other than in the original. */
        DENY,
        /** It counts as not matched, as in the original. */
        IGNORE
    }

    public Authorization {
        Objects.requireNonNull(enforcement, "enforcement");
        Objects.requireNonNull(action, "action");
        Objects.requireNonNull(onEvaluationError, "onEvaluationError");
        Objects.requireNonNull(origin, "origin");
        matchExpressions = List.copyOf(matchExpressions);
        if (matchExpressions.isEmpty() || matchExpressions.size() > 256) {
            throw new IllegalArgumentException("matchExpressions: expected 1 to 256, found " + matchExpressions.size());
        }
    }

    /**
     * Rules that count.
     *
     * @param action as above
     * @param matchExpressions as above
     * @param onEvaluationError as above
     * @param origin as above
     */
    public Authorization(
            AuthorizationAction action,
            List<MatchExpression> matchExpressions,
            EvaluationErrorPolicy onEvaluationError,
            Origin origin) {
        this(action, matchExpressions, onEvaluationError, origin, Enforcement.ENFORCED);
    }

    /**
     * The same rules, counting.
     *
     * @return the rules, not in shadow
     */
    public Authorization enforced() {
        return with(action, matchExpressions, onEvaluationError, Enforcement.ENFORCED);
    }

    /**
     * The same expressions with another meaning.
     *
     * @param changed what it means that one of them holds
     * @return new rules
     */
    public Authorization withAction(AuthorizationAction changed) {
        return with(changed, matchExpressions, onEvaluationError, enforcement);
    }

    /**
     * The same rules, but for what an error does.
     *
     * @param changed what an error in a Deny expression does
     * @return new rules
     */
    public Authorization withOnEvaluationError(EvaluationErrorPolicy changed) {
        return with(action, matchExpressions, changed, enforcement);
    }

    /**
     * The same authorization with other expressions.
     *
     * @param changed the expressions, 1 to 256
     * @return new rules
     */
    public Authorization withMatchExpressions(List<MatchExpression> changed) {
        return with(action, changed, onEvaluationError, enforcement);
    }

    /** The one place where rules are copied, so that no copy forgets a part. */
    private Authorization with(
            AuthorizationAction meaning,
            List<MatchExpression> expressions,
            EvaluationErrorPolicy onError,
            Enforcement counting) {
        return new Authorization(meaning, expressions, onError, origin, counting);
    }

    /**
     * Rules made in code.
     *
     * @param action what it means that an expression holds
     * @param expressions the expressions' texts
     * @return the authorization
     */
    public static Authorization of(AuthorizationAction action, String... expressions) {
        return new Authorization(
                action,
                Arrays.stream(expressions)
                        .map(text -> new MatchExpression(text, Origin.CODE))
                        .toList(),
                EvaluationErrorPolicy.DENY,
                Origin.CODE);
    }
}
