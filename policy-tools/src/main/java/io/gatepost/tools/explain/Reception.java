package io.gatepost.tools.explain;

import io.gatepost.policy.Decision;
import io.gatepost.policy.cel.CelExpressionCompiler;
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

    private final List<@Nullable Judge> judges = new ArrayList<>();

    Reception(List<@Nullable Guard> guards, List<Policed> sides, CelExpressionCompiler compiler, Clock clock) {
        for (int i = 0; i < guards.size(); i++) {
            Guard guard = guards.get(i);
            Policed side = sides.get(i);
            judges.add(
                    guard == null
                            ? null
                            : new Judge(
                                    guard.withoutRules()
                                            .withAuthentication(jwt -> StandIn.trusting(jwt, side.signers())),
                                    compiler,
                                    null,
                                    clock));
        }
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
            Scenario world = bearing.claims() == null ? start : start.withClaims(bearing.claims());
            Received one = received(bearing, world, doubtful);
            StringBuilder told = new StringBuilder();
            told.append(one.refused()).append(one.claims()).append(one.iss()).append(bearing.signer());
            told.append(bearing.location());
            ofToken.forEach(atom -> told.append(atom.on(world)).append(' '));
            boolean useless = one.refused().stream().allMatch(refused -> refused)
                    || (!doubtful && world.claims() != null && !one.claims().contains(true));
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

    private Received received(Bearing bearing, Scenario world, boolean doubtful) {
        List<Boolean> refused = new ArrayList<>();
        List<Boolean> claims = new ArrayList<>();
        for (Judge judge : judges) {
            Decision decision = judge == null ? null : decision(judge, bearing, world, doubtful);
            refused.add(!(decision instanceof Decision.Allow));
            claims.add(decision != null && decision.token() != null);
        }
        return new Received(bearing, world, refused, claims);
    }

    private static Decision decision(Judge judge, Bearing bearing, Scenario world, boolean doubtful) {
        Bearing shown = bearing;
        if (!doubtful && bearing.claims() != null) {
            shown = judge.location() == null ? bearing : bearing.at(judge.location());
        }
        ChangedRequest request = shown.on(world.request(), world.claims());
        return request == null && world.claims() != null
                ? judge.decide(world.request(), world.claims()).decision()
                : judge.decide(request == null ? world.request() : request, null)
                        .decision();
    }

    @Override
    public void close() {
        judges.forEach(judge -> {
            if (judge != null) {
                judge.close();
            }
        });
    }
}
