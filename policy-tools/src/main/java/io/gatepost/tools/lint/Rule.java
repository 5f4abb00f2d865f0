package io.gatepost.tools.lint;

import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.Authorization.EvaluationErrorPolicy;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One expression of a policy.
 *
 * @param action what it means that it holds
 * @param ignoresErrors whether a Deny that can't be evaluated lets pass
 * @param syntax its tree
 */
record Rule(AuthorizationAction action, boolean ignoresErrors, Syntax syntax) {
    /** The rules of a policy, as far as they compile. */
    static List<Rule> of(TrafficPolicy policy) {
        Authorization authorization = policy.authorization();
        List<Rule> rules = new ArrayList<>();
        if (authorization != null) {
            boolean ignores = authorization.onEvaluationError() == EvaluationErrorPolicy.IGNORE;
            for (MatchExpression expression : authorization.matchExpressions()) {
                Syntax syntax = Syntax.of(expression);
                if (syntax != null) {
                    rules.add(new Rule(authorization.action(), ignores, syntax));
                }
            }
        }
        return rules;
    }

    boolean denies() {
        return action == AuthorizationAction.DENY;
    }

    /** The ways in which it holds, or does not; null where there are too many to look at. */
    @Nullable
    NormalForm when(boolean holds) {
        try {
            return NormalForm.of(syntax, syntax.root(), holds);
        } catch (NormalForm.TooManyWays tooMany) {
            return null;
        }
    }

    /** Whether one holds wherever the other does; false where that can't be seen. */
    boolean isImpliedBy(Rule other) {
        return excludes(other.when(true), when(false));
    }

    /** Whether no request satisfies both. */
    boolean excludes(Rule other) {
        return excludes(when(true), other.when(true));
    }

    private static boolean excludes(@Nullable NormalForm one, @Nullable NormalForm other) {
        try {
            return one != null && other != null && one.and(other).isImpossible();
        } catch (NormalForm.TooManyWays tooMany) {
            return false;
        }
    }

    /** Whether it surely can't be false. */
    boolean isAlways() {
        NormalForm fails = when(false);
        return fails != null && fails.isImpossible();
    }

    /** Whether it can hold, and can be false: what can't is told of the rule itself. */
    boolean isOpen() {
        NormalForm holds = when(true);
        NormalForm fails = when(false);
        return holds != null && fails != null && !holds.isImpossible() && !fails.isImpossible();
    }
}
