package io.gatepost.tools.explain;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RouteEngine;
import io.gatepost.policy.RouteEngines;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.expression.ExpressionCompiler;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TokenLocation;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Decides on requests as they might have been, with every check that is made of real ones. Not thread-safe. */
final class ScenarioEngines implements AutoCloseable {
    private final Function<PolicyRequest, @Nullable RoutePolicies> policiesOf;
    private final Clock clock;
    private final boolean claimsGiven;
    private final SearchLimit search;
    private final Function<JwtProvider, Set<Signer>> signers;
    private final RouteEngines engines;
    private final Map<RoutePolicies, RouteEngine> real = new HashMap<>();
    private final Map<RoutePolicies, RouteEngine> standing = new HashMap<>();
    private final Map<RoutePolicies, RouteEngine> ruling = new HashMap<>();

    ScenarioEngines(
            Function<PolicyRequest, @Nullable RoutePolicies> policiesOf,
            ExpressionCompiler expressions,
            @Nullable KeySources keys,
            Clock clock,
            boolean claimsGiven,
            SearchLimit search) {
        this(policiesOf, expressions, keys, clock, claimsGiven, search, any -> Set.of(Signer.BOTH));
    }

    ScenarioEngines(
            Function<PolicyRequest, @Nullable RoutePolicies> policiesOf,
            ExpressionCompiler expressions,
            @Nullable KeySources keys,
            Clock clock,
            boolean claimsGiven,
            SearchLimit search,
            Function<JwtProvider, Set<Signer>> signers) {
        this.signers = signers;
        this.policiesOf = policiesOf;
        this.clock = clock;
        this.claimsGiven = claimsGiven;
        this.search = search;
        engines = new RouteEngines(builder -> {
            builder.expressions(expressions).clock(clock);
            return keys == null ? builder : builder.keys(keys);
        });
    }

    Clock clock() {
        return clock;
    }

    boolean claimsGiven() {
        return claimsGiven;
    }

    SearchLimit search() {
        return search;
    }

    /** Whether the request would be allowed, also where it would be another route's. */
    boolean allows(Scenario scenario) {
        RoutePolicies policies = policiesOf.apply(scenario.request());
        return policies != null && allows(scenario, policies);
    }

    boolean allows(Scenario scenario, RoutePolicies policies) {
        search.goOn();
        if (claimsGiven) {
            return allowedByRules(scenario, policies);
        }
        Decision decision = scenario.tokenChanged()
                ? standing(scenario, policies)
                : real(policies).decide(scenario.request());
        return decision instanceof Decision.Allow;
    }

    /** Takes the stand-in's tokens for those of all issuers. */
    RouteEngine standIn(RoutePolicies policies) {
        return standing.computeIfAbsent(
                policies,
                one -> engines.of(ChangedPolicies.withAuthentication(one, jwt -> StandIn.trusting(jwt, signers))));
    }

    /** With every check but that of the issuer's own keys, where it can be told where tokens stand. */
    Decision standing(Scenario scenario, RoutePolicies policies) {
        ChangedRequest bearing = scenario.claims() == null
                ? scenario.request()
                : StandIn.bearing(scenario.request(), scenario.claims(), policies);
        return bearing == null
                ? rules(scenario, policies).decision()
                : standIn(policies).decide(bearing);
    }

    boolean allowedByRules(Scenario scenario, RoutePolicies policies) {
        return rules(scenario, policies).decision() instanceof Decision.Allow;
    }

    /** As if the claims were verified: the rules only. */
    RouteEngine.Phases rules(Scenario scenario, RoutePolicies policies) {
        search.goOn();
        return ruling.computeIfAbsent(policies, one -> engines.of(ChangedPolicies.withoutAuthentication(one)))
                .decideByPhase(
                        claimsGiven ? scenario.request() : withoutCredential(scenario.request(), policies),
                        given(scenario.claims()));
    }

    /** What lets the rules take claims for verified; null where there are none. */
    static Decision.@Nullable Allow given(@Nullable Map<String, @Nullable Object> claims) {
        return claims == null
                ? null
                : Decision.Allow.ofGiven(
                        new VerifiedToken(claims.get("iss") instanceof String issuer ? issuer : "", null, claims));
    }

    private static ChangedRequest withoutCredential(ChangedRequest request, RoutePolicies policies) {
        ChangedRequest stripped = request;
        for (JwtAuthentication jwt : ChangedPolicies.authentications(policies)) {
            if (jwt.location() instanceof TokenLocation.Header header) {
                stripped = stripped.withHeader(header.name(), List.of());
            }
        }
        return stripped;
    }

    /** The engine as it is; where claims are given, without authentication. */
    RouteEngine real(RoutePolicies policies) {
        return real.computeIfAbsent(
                policies, one -> engines.of(claimsGiven ? ChangedPolicies.withoutAuthentication(one) : one));
    }

    @Override
    public void close() {
        engines.close();
    }
}
