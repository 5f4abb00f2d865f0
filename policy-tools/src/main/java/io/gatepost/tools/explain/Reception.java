package io.gatepost.tools.explain;

import io.gatepost.policy.Decision;
import io.gatepost.policy.RouteEngine;
import io.gatepost.policy.RouteEngines;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.tools.explain.Variations.Policed;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds out how either side takes tokens, by showing them. Not thread-safe. */
final class Reception implements AutoCloseable {
    private static final int ALIKE = 2;

    private final RouteEngines engines;
    private final List<@Nullable Receiver> receivers = new ArrayList<>();

    /** What takes tokens on one side, and where it looks for them; null where it asks for none. */
    private record Receiver(RouteEngine engine, @Nullable TokenLocation location) {}

    Reception(List<@Nullable RoutePolicies> inForce, List<Policed> sides, CelExpressionCompiler compiler, Clock clock) {
        engines = new RouteEngines(builder -> builder.expressions(compiler).clock(clock));
        for (int i = 0; i < inForce.size(); i++) {
            RoutePolicies policies = inForce.get(i);
            receivers.add(policies == null ? null : receiver(policies, sides.get(i)));
        }
    }

    private Receiver receiver(RoutePolicies policies, Policed side) {
        RoutePolicies receiving = ChangedPolicies.withAuthentication(
                ChangedPolicies.withoutRules(policies), jwt -> StandIn.trusting(jwt, side.signers()));
        TokenLocation location = ChangedPolicies.authentications(receiving).stream()
                .map(JwtAuthentication::location)
                .findFirst()
                .orElse(null);
        return new Receiver(engines.of(receiving), location);
    }

    /**
     * The tokens that make a difference: few of those that both sides, and all rules, take alike.
     *
     * @param doubtful whether the sides may take them differently, so that each is to be signed
     */
    List<Received> of(List<Bearing> bearings, Scenario start, List<Atom> atoms, boolean doubtful) {
        List<Atom> ofToken = atoms.stream()
                .filter(atom -> atom.reads().stream().anyMatch(Reception::isJudged))
                .toList();
        Map<String, Integer> known = new LinkedHashMap<>();
        List<Received> received = new ArrayList<>();
        for (Bearing bearing : bearings) {
            Scenario scenario = bearing.claims() == null ? start : start.withClaims(bearing.claims());
            Received one = received(bearing, scenario, doubtful);
            StringBuilder told = new StringBuilder();
            told.append(one.refused()).append(one.claims()).append(one.iss()).append(bearing.signer());
            told.append(bearing.location());
            ofToken.forEach(atom -> told.append(atom.on(scenario)).append(' '));
            boolean useless = one.refused().stream().allMatch(refused -> refused)
                    || (!doubtful && scenario.claims() != null && !one.claims().contains(true));
            if (!useless && known.merge(told.toString(), 1, Integer::sum) <= ALIKE) {
                received.add(one);
            }
        }
        return received;
    }

    private static boolean isJudged(String path) {
        return Set.of("jwt", "jwt.iss", "jwt.aud", "jwt.exp", "jwt.nbf", "jwt.iat")
                .contains(path);
    }

    private Received received(Bearing bearing, Scenario scenario, boolean doubtful) {
        List<Boolean> refused = new ArrayList<>();
        List<Boolean> claims = new ArrayList<>();
        for (Receiver receiver : receivers) {
            Decision decision = receiver == null ? null : decision(receiver, bearing, scenario, doubtful);
            refused.add(!(decision instanceof Decision.Allow));
            claims.add(decision != null && decision.token() != null);
        }
        return new Received(bearing, scenario, refused, claims);
    }

    private static Decision decision(Receiver receiver, Bearing bearing, Scenario scenario, boolean doubtful) {
        Bearing shown = bearing;
        if (!doubtful && bearing.claims() != null) {
            shown = receiver.location() == null ? bearing : bearing.at(receiver.location());
        }
        ChangedRequest request = shown.on(scenario.request(), scenario.claims());
        return request == null && scenario.claims() != null
                ? receiver.engine().decide(scenario.request(), ScenarioEngines.given(scenario.claims()))
                : receiver.engine().decide(request == null ? scenario.request() : request);
    }

    @Override
    public void close() {
        engines.close();
    }
}
