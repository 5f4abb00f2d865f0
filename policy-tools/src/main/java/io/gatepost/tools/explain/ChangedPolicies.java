package io.gatepost.tools.explain;

import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.model.TrafficPolicy.Inheritance;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is in force on a route, looked at or changed in one respect. Policies in shadow are left out. Not instantiable.
 */
public final class ChangedPolicies {
    private ChangedPolicies() {}

    /** The authentication of either phase. */
    static List<JwtAuthentication> authentications(RoutePolicies policies) {
        return Stream.of(policies.preRouting(), policies.postRouting())
                .map(EffectivePolicy::jwtAuthentication)
                .filter(Objects::nonNull)
                .toList();
    }

    /** The expressions of both phases. */
    static List<MatchExpression> expressions(RoutePolicies policies) {
        return Stream.of(policies.preRouting(), policies.postRouting())
                .flatMap(phase -> phase.authorizing().stream())
                .flatMap(policy -> Objects.requireNonNull(policy.authorization()).matchExpressions().stream())
                .toList();
    }

    /**
     * The rules alone, for a request whose token is verified already.
     *
     * @param policies what is in force
     * @return the same without authentication
     */
    public static RoutePolicies withoutAuthentication(RoutePolicies policies) {
        return withAuthentication(policies, jwt -> null);
    }

    /** The same rules behind another authentication; the function may give null for none. */
    static RoutePolicies withAuthentication(
            RoutePolicies policies, Function<JwtAuthentication, @Nullable JwtAuthentication> change) {
        return inBoth(policies, phase -> {
            List<TrafficPolicy> left = new ArrayList<>();
            phase.authorizing().forEach(one -> left.add(with(one, null, one.authorization())));
            TrafficPolicy authenticating = phase.authenticating();
            JwtAuthentication jwt = phase.jwtAuthentication();
            JwtAuthentication changed = jwt == null ? null : change.apply(jwt);
            if (authenticating != null && changed != null) {
                left.add(with(authenticating, changed, null));
            }
            return EffectivePolicy.of(left);
        });
    }

    /** Who may call, and nothing of what they may do. */
    static RoutePolicies withoutRules(RoutePolicies policies) {
        return inBoth(policies, phase -> {
            TrafficPolicy authenticating = phase.authenticating();
            return EffectivePolicy.of(
                    authenticating == null
                            ? List.of()
                            : List.of(with(authenticating, phase.jwtAuthentication(), null)));
        });
    }

    /** The same but for one rule, in whose place there are others of its action. */
    static RoutePolicies withRule(
            RoutePolicies policies, ObjectName name, MatchExpression rule, List<MatchExpression> instead) {
        return inBoth(policies, phase -> {
            List<TrafficPolicy> left = new ArrayList<>();
            for (TrafficPolicy policy : phase.authorizing()) {
                Authorization rules = Objects.requireNonNull(policy.authorization());
                List<MatchExpression> changed = rules.matchExpressions().stream()
                        .flatMap(one ->
                                policy.name().equals(name) && one.equals(rule) ? instead.stream() : Stream.of(one))
                        .toList();
                left.add(with(policy, null, rules.withMatchExpressions(changed)));
            }
            if (phase.authenticating() != null) {
                left.add(with(phase.authenticating(), phase.jwtAuthentication(), null));
            }
            return EffectivePolicy.of(left);
        });
    }

    private static RoutePolicies inBoth(RoutePolicies policies, UnaryOperator<EffectivePolicy> change) {
        return new RoutePolicies(
                change.apply(policies.preRouting()), change.apply(policies.postRouting()), policies.closure());
    }

    private static TrafficPolicy with(
            TrafficPolicy policy, @Nullable JwtAuthentication jwt, @Nullable Authorization rules) {
        // What a policy locks is settled by now.
        return policy.withInheritance(Inheritance.DEFAULT)
                .withJwtAuthentication(jwt)
                .withAuthorization(rules);
    }
}
