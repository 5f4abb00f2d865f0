package io.gatepost.tools.explain;

import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.model.TrafficPolicy.Inheritance;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What guards a route, before and after it is chosen. Immutable.
 *
 * @param preRouting what applies before routing
 * @param postRouting what applies after it
 */
public record Guard(EffectivePolicy preRouting, EffectivePolicy postRouting) {
    public Guard {
        Objects.requireNonNull(preRouting, "preRouting");
        Objects.requireNonNull(postRouting, "postRouting");
    }

    /**
     * Policies that all apply, whatever their targets.
     *
     * @param policies the policies, least specific first
     * @return what they come to in each phase
     */
    public static Guard of(List<TrafficPolicy> policies) {
        return new Guard(of(policies, Phase.PRE_ROUTING), of(policies, Phase.POST_ROUTING));
    }

    private static EffectivePolicy of(List<TrafficPolicy> policies, Phase phase) {
        return EffectivePolicy.of(
                policies.stream().filter(policy -> policy.phase() == phase).toList());
    }

    /** The authentication of either phase. */
    List<JwtAuthentication> authentications() {
        return Stream.of(preRouting.jwtAuthentication(), postRouting.jwtAuthentication())
                .filter(Objects::nonNull)
                .toList();
    }

    /** The expressions of both phases. */
    List<MatchExpression> expressions() {
        return Stream.of(preRouting, postRouting)
                .flatMap(policy -> policy.authorizing().stream())
                .flatMap(policy -> Objects.requireNonNull(policy.authorization()).matchExpressions().stream())
                .toList();
    }

    /**
     * The rules alone, for a request whose token is verified already.
     *
     * @return a guard without authentication
     */
    public Guard withoutAuthentication() {
        return withAuthentication(jwt -> null);
    }

    /** The same rules behind another authentication; the operator may give null for none. */
    Guard withAuthentication(Function<JwtAuthentication, @Nullable JwtAuthentication> change) {
        return new Guard(withAuthentication(preRouting, change), withAuthentication(postRouting, change));
    }

    private static EffectivePolicy withAuthentication(
            EffectivePolicy policy, Function<JwtAuthentication, @Nullable JwtAuthentication> change) {
        List<TrafficPolicy> left = new ArrayList<>();
        policy.authorizing().forEach(one -> left.add(with(one, null, one.authorization())));
        TrafficPolicy authenticating = policy.authenticating();
        JwtAuthentication jwt = policy.jwtAuthentication();
        JwtAuthentication changed = jwt == null ? null : change.apply(jwt);
        if (authenticating != null && changed != null) {
            left.add(with(authenticating, changed, null));
        }
        return EffectivePolicy.of(left);
    }

    /** Who may call, and nothing of what they may do. */
    Guard withoutRules() {
        return new Guard(withoutRules(preRouting), withoutRules(postRouting));
    }

    private static EffectivePolicy withoutRules(EffectivePolicy policy) {
        TrafficPolicy authenticating = policy.authenticating();
        return EffectivePolicy.of(
                authenticating == null ? List.of() : List.of(with(authenticating, policy.jwtAuthentication(), null)));
    }

    /** The same but for one rule, in whose place there are others of its action. */
    Guard withRule(ObjectName policy, MatchExpression rule, List<MatchExpression> instead) {
        return new Guard(withRule(preRouting, policy, rule, instead), withRule(postRouting, policy, rule, instead));
    }

    private static EffectivePolicy withRule(
            EffectivePolicy effective, ObjectName name, MatchExpression rule, List<MatchExpression> instead) {
        List<TrafficPolicy> left = new ArrayList<>();
        for (TrafficPolicy policy : effective.authorizing()) {
            Authorization rules = Objects.requireNonNull(policy.authorization());
            List<MatchExpression> changed = rules.matchExpressions().stream()
                    .flatMap(one -> policy.name().equals(name) && one.equals(rule) ? instead.stream() : Stream.of(one))
                    .toList();
            left.add(with(policy, null, rules.withMatchExpressions(changed)));
        }
        if (effective.authenticating() != null) {
            left.add(with(effective.authenticating(), effective.jwtAuthentication(), null));
        }
        return EffectivePolicy.of(left);
    }

    private static TrafficPolicy with(
            TrafficPolicy policy, @Nullable JwtAuthentication jwt, @Nullable Authorization rules) {
        // What a policy locks is settled by now.
        return policy.withInheritance(Inheritance.DEFAULT)
                .withJwtAuthentication(jwt)
                .withAuthorization(rules);
    }
}
