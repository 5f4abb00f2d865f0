package io.gatepost.tools.explain;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.request.RequestSyntax;
import io.gatepost.tools.explain.FlipSearch.Side;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Makes up requests on both sides of all that two sets of policies compare: those that one of them allows and the other
 * does not, as far as values on both sides tell; and from requests that either allows, each other value of each thing,
 * and each pair of them. Says what it can't tell. Not thread-safe.
 */
public final class Variations {
    private final List<Policed> sides;
    private final Clock clock;
    private final CelExpressionCompiler compiler = Simulation.EXPRESSIONS;
    private final Map<String, Variation> found = new LinkedHashMap<>();
    private final Set<String> untold = new LinkedHashSet<>();

    private Variations(List<Policed> sides, Clock clock) {
        this.sides = sides;
        this.clock = clock;
    }

    /**
     * One of the two sets of policies.
     *
     * @param policiesOf what guards a request; null for one that no route takes
     * @param signers whose made-up tokens each provider's keys verify
     */
    public record Policed(
            Function<PolicyRequest, @Nullable RoutePolicies> policiesOf, Function<JwtProvider, Set<Signer>> signers) {
        public Policed {
            Objects.requireNonNull(policiesOf, "policiesOf");
            Objects.requireNonNull(signers, "signers");
        }
    }

    /**
     * Makes up requests.
     *
     * @param from the one set of policies
     * @param to the other one
     * @param bases a request for each route of either
     * @param clock what times of tokens count from
     * @param limit how many requests at most; a quarter of it where tokens have to be signed
     * @return the requests
     */
    public static Variations of(Policed from, Policed to, List<PolicyRequest> bases, Clock clock, int limit) {
        Variations variations = new Variations(List.of(from, to), clock);
        for (int i = 0; i < bases.size(); i++) {
            variations.vary(bases.get(i), (i + 1) * limit / bases.size());
        }
        return variations;
    }

    /**
     * The requests.
     *
     * @return each once
     */
    public List<Variation> requests() {
        return List.copyOf(found.values());
    }

    /**
     * What they can't tell.
     *
     * @return one line each
     */
    public List<String> notDecidable() {
        return List.copyOf(untold);
    }

    private void vary(PolicyRequest base, int most) {
        List<@Nullable RoutePolicies> inForce = new ArrayList<>();
        sides.forEach(side -> inForce.add(side.policiesOf().apply(base)));
        List<RoutePolicies> present = inForce.stream().filter(Objects::nonNull).toList();
        ConditionReader conditions = new ConditionReader(compiler, clock);
        List<@Nullable Ruleset> rules = new ArrayList<>();
        inForce.forEach(policies -> rules.add(policies == null ? null : Ruleset.of(policies, conditions)));
        List<Atom> atoms = RuleChanges.changedFirst(rules, conditions);
        Instant now = clock.instant();
        Bearings bearings =
                new Bearings(present, signers(inForce), Dimensions.comparisons(atoms, compiler), now.getEpochSecond());
        Predicate<Scenario> sound = sound(inForce);
        try (Reception reception = new Reception(inForce, sides, compiler, clock)) {
            List<Received> received =
                    reception.of(bearings.all(), Scenario.of(base, null), atoms, bearings.isDoubtful());
            Scenario start = received.stream()
                    .map(Received::scenario)
                    .filter(scenario -> scenario.claims() != null)
                    .findFirst()
                    .orElse(Scenario.of(base, Map.of("iss", "any")));
            List<Dimension> dimensions = Dimensions.of(atoms, compiler, start, now, sound);
            FlipSearch search = new FlipSearch(dimensions, atoms);
            List<Scenario> allowed = new ArrayList<>();
            for (Received one : received) {
                vary(one, rules, search, most, allowed);
            }
            for (int i = 0; i < allowed.size(); i++) {
                addPairs(received, allowed.get(i), dimensions, most * (i + 1) / allowed.size());
            }
            untold.addAll(RuleChanges.untold(rules, atoms, search.isCut()));
        }
    }

    private Set<Signer> signers(List<@Nullable RoutePolicies> inForce) {
        Set<Signer> signers = new LinkedHashSet<>(Set.of(Signer.BOTH));
        for (int i = 0; i < inForce.size(); i++) {
            RoutePolicies policies = inForce.get(i);
            Policed side = sides.get(i);
            if (policies != null) {
                ChangedPolicies.authentications(policies)
                        .forEach(jwt -> jwt.providers()
                                .forEach(one -> signers.addAll(side.signers().apply(one))));
            }
        }
        return signers;
    }

    /** Whether a request can come, and is the same route's as the one that it was made of. */
    private Predicate<Scenario> sound(List<@Nullable RoutePolicies> inForce) {
        return scenario -> {
            for (int i = 0; i < inForce.size(); i++) {
                if (!Objects.equals(sides.get(i).policiesOf().apply(scenario.request()), inForce.get(i))) {
                    return false;
                }
            }
            return RequestSyntax.problem(scenario.request()) == null;
        };
    }

    private void vary(
            Received one, List<@Nullable Ruleset> rules, FlipSearch search, int most, List<Scenario> allowed) {
        List<Side> both = List.of(side(one, rules, 0), side(one, rules, 1));
        for (int i = 0; i < both.size(); i++) {
            search.find(one.scenario(), one.name(), both.get(i), both.get(1 - i))
                    .forEach(scenario -> add(one, scenario, Integer.MAX_VALUE));
            List<Scenario> some = search.find(one.scenario(), one.name(), both.get(i), null);
            some.stream().limit(1).forEach(scenario -> {
                add(one, scenario, most);
                allowed.add(scenario);
            });
        }
        add(one, one.scenario(), most);
    }

    private static Side side(Received one, List<@Nullable Ruleset> rules, int side) {
        return new Side(
                one.refused().get(side) ? null : rules.get(side), one.claims().get(side));
    }

    /** Each other value of each thing, and each two of them. */
    private void addPairs(List<Received> received, Scenario scenario, List<Dimension> dimensions, int most) {
        Received bearing = received.stream()
                .filter(one -> Objects.equals(one.iss(), Received.iss(scenario)))
                .findFirst()
                .orElse(received.get(0));
        for (int i = 0; i < dimensions.size(); i++) {
            for (int value = 1; value < dimensions.get(i).values().size(); value++) {
                Scenario changed = dimensions.get(i).apply(scenario, value);
                add(bearing, changed, most);
                for (int j = i + 1; j < dimensions.size() && changed != null; j++) {
                    for (int other = 1; other < dimensions.get(j).values().size(); other++) {
                        add(bearing, dimensions.get(j).apply(changed, other), most);
                    }
                }
            }
        }
    }

    private void add(Received one, @Nullable Scenario scenario, int most) {
        boolean signed = one.bearing().location() != null;
        int room = signed && most < Integer.MAX_VALUE ? Math.max(most / 4, 50) : most;
        if (scenario == null || found.size() >= room) {
            return;
        }
        ChangedRequest request = scenario.request();
        String key = String.join(
                "\n",
                request.method(),
                request.scheme(),
                request.host(),
                request.path(),
                String.valueOf(request.query()),
                request.headers().toString(),
                request.sourceAddress(),
                Arrays.toString(request.body()),
                request.attributes().toString(),
                scenario.written(),
                signed ? one.bearing().toString() : "");
        if (!found.containsKey(key)) {
            found.put(
                    key, new Variation(request, scenario.claims(), one.bearing().on(request, scenario.claims())));
        }
    }
}
