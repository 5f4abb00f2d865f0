package io.gatepost.tools.suite;

import io.gatepost.policy.cel.ExpressionMutant;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.expression.InvalidExpressionException;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.Authorization.EvaluationErrorPolicy;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.Enforcement;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Makes the small changes of policies that their tests should notice; what is in shadow decides nothing. */
final class PolicyMutants {
    private final List<TrafficPolicy> policies;
    private final List<PolicyMutant> mutants = new ArrayList<>();
    private final Set<List<TrafficPolicy>> seen = new HashSet<>();

    private PolicyMutants(List<TrafficPolicy> policies) {
        this.policies = policies;
        seen.add(policies);
    }

    /** @param changeable which of the policies are changed */
    static List<PolicyMutant> of(List<TrafficPolicy> policies, Predicate<TrafficPolicy> changeable) {
        PolicyMutants made = new PolicyMutants(policies);
        for (int i = 0; i < policies.size(); i++) {
            if (changeable.test(policies.get(i))) {
                made.change(i);
            }
        }
        return made.mutants;
    }

    private void change(int index) {
        TrafficPolicy policy = policies.get(index);
        if (policy.enforcement() == Enforcement.SHADOW) {
            return;
        }
        if (policy.jwtAuthentication() != null) {
            AuthenticationMutants.of(policy.jwtAuthentication())
                    .forEach(mutant -> add(
                            index,
                            policy.withJwtAuthentication(mutant.changed()),
                            mutant.origin(),
                            mutant.change(),
                            null));
        }
        Authorization rules = policy.authorization();
        if (rules != null && rules.enforcement() == Enforcement.ENFORCED) {
            actions(index, rules);
            for (int i = 0; i < rules.matchExpressions().size(); i++) {
                rule(index, rules, i);
            }
        }
    }

    private void add(int index, TrafficPolicy changed, Origin origin, String change, @Nullable Origin rule) {
        List<TrafficPolicy> all = new ArrayList<>(policies);
        all.set(index, changed);
        if (seen.add(all)) {
            mutants.add(new PolicyMutant(origin, change, all, rule));
        }
    }

    private void add(int index, @Nullable Authorization changed, Origin origin, String change, @Nullable Origin rule) {
        add(index, policies.get(index).withAuthorization(changed), origin, change, rule);
    }

    private void actions(int index, Authorization rules) {
        for (AuthorizationAction other : AuthorizationAction.values()) {
            if (other != rules.action() && !isSame(rules, other)) {
                Authorization changed = new Authorization(
                        other,
                        rules.matchExpressions(),
                        rules.onEvaluationError(),
                        rules.origin(),
                        rules.enforcement());
                add(index, changed, rules.origin(), "`action` were `" + word(other) + "`", null);
            }
        }
        if (rules.action() == AuthorizationAction.DENY && rules.onEvaluationError() == EvaluationErrorPolicy.IGNORE) {
            Authorization changed = new Authorization(
                    rules.action(),
                    rules.matchExpressions(),
                    EvaluationErrorPolicy.DENY,
                    rules.origin(),
                    rules.enforcement());
            add(index, changed, rules.origin(), "`onEvaluationError` were `Deny`", null);
        }
    }

    /** One expression that alone must hold is one that alone suffices. */
    private boolean isSame(Authorization rules, AuthorizationAction other) {
        int own = rules.action() == AuthorizationAction.ALLOW ? 1 : 0;
        return rules.matchExpressions().size() == 1
                && allows() == own
                && other != AuthorizationAction.DENY
                && rules.action() != AuthorizationAction.DENY;
    }

    private int allows() {
        return policies.stream()
                .map(TrafficPolicy::authorization)
                .filter(rules -> rules != null && rules.action() == AuthorizationAction.ALLOW)
                .mapToInt(rules -> rules.matchExpressions().size())
                .sum();
    }

    private void rule(int index, Authorization rules, int position) {
        MatchExpression rule = rules.matchExpressions().get(position);
        String shown = Expectation.oneLine(rule);
        List<MatchExpression> others = new ArrayList<>(rules.matchExpressions());
        others.remove(position);
        Authorization rest = others.isEmpty()
                ? null
                : new Authorization(
                        rules.action(), others, rules.onEvaluationError(), rules.origin(), rules.enforcement());
        add(index, rest, rule.origin(), "the rule " + shown + " were absent", null);
        if (rules.action() != AuthorizationAction.REQUIRE) {
            add(index, with(rules, position, "true"), rule.origin(), "the rule " + shown + " always held", null);
        }
        for (ExpressionMutant mutant : mutants(rule)) {
            boolean same = mutant.dropsGuard() && rules.action() != AuthorizationAction.DENY;
            if (!same) {
                Authorization changed = with(rules, position, mutant.text());
                add(index, changed, rule.at(mutant.line(), mutant.column()), mutant.toString(), rule.origin());
            }
        }
    }

    private static List<ExpressionMutant> mutants(MatchExpression rule) {
        try {
            return ObservedCompiler.CEL.mutants(rule.text());
        } catch (InvalidExpressionException e) {
            throw new IllegalStateException("an expression was compiled and can't be compiled again", e);
        }
    }

    private static Authorization with(Authorization rules, int position, String text) {
        List<MatchExpression> changed = new ArrayList<>(rules.matchExpressions());
        MatchExpression rule = changed.get(position);
        changed.set(position, new MatchExpression(text, rule.origin()));
        return new Authorization(
                rules.action(), changed, rules.onEvaluationError(), rules.origin(), rules.enforcement());
    }

    /** As documents write it. */
    static String word(Enum<?> constant) {
        return constant.name().charAt(0) + constant.name().substring(1).toLowerCase(Locale.ROOT);
    }
}
