package io.gatepost.testkit.explain;

import io.gatepost.policy.InvalidExpressionException;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.cel.Comparison;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.EvaluationErrorPolicy;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.Origin;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.testkit.explain.Candidates.Candidate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes up requests on both sides of all that policies compare with: starts from requests that satisfy one expression,
 * or all policies, and from there varies one value and then two. Not thread-safe.
 */
public final class Variations {
    private final CelExpressionCompiler compiler = new CelExpressionCompiler();
    private final Clock clock;
    private final int limit;
    private final Map<String, World> worlds = new LinkedHashMap<>();
    private boolean tokensDiffer;

    private Variations(Clock clock, int limit) {
        this.clock = clock;
        this.limit = limit;
    }

    /**
     * Makes up requests.
     *
     * @param sides what guards a request, for each of the policies to be told apart; null for one that no route takes
     * @param bases a request for each route
     * @param clock what times of tokens count from
     * @param limit how many requests at most, for each base; a quarter of it where tokens have to be signed
     * @return the requests, each once
     */
    public static List<Variation> of(
            List<Function<PolicyRequest, @Nullable Guard>> sides, List<PolicyRequest> bases, Clock clock, int limit) {
        List<Variation> all = new ArrayList<>();
        for (PolicyRequest base : bases) {
            Variations variations = new Variations(clock, limit);
            variations.vary(sides, base);
            variations.tell(variations.vary(sides, base), all);
        }
        return List.copyOf(all);
    }

    /** A token stands wherever one side looks for it; where that differs there is a request for each. */
    private void tell(List<Guard> guards, List<Variation> all) {
        for (World world : worlds.values()) {
            Map<String, @Nullable Object> claims = world.claims();
            if (claims == null || !tokensDiffer) {
                all.add(new Variation(world.request(), claims, null));
                continue;
            }
            for (Guard guard : byLocation(guards)) {
                ChangedRequest bearing = StandIn.bearing(world.request(), claims, guard);
                if (bearing != null) {
                    all.add(new Variation(world.request(), claims, bearing));
                }
            }
        }
    }

    private static Collection<Guard> byLocation(List<Guard> guards) {
        Map<List<Object>, Guard> byLocation = new LinkedHashMap<>();
        guards.forEach(guard -> byLocation.putIfAbsent(
                guard.authentications().stream()
                        .<Object>map(JwtAuthentication::location)
                        .toList(),
                guard));
        return byLocation.values();
    }

    private List<Guard> vary(List<Function<PolicyRequest, @Nullable Guard>> sides, PolicyRequest base) {
        List<Guard> guards = new ArrayList<>();
        for (Function<PolicyRequest, @Nullable Guard> side : sides) {
            Guard guard = side.apply(base);
            if (guard != null) {
                guards.add(guard);
            }
        }
        tokensDiffer = guards.stream().map(Variations::demands).distinct().count() > 1;
        Set<Comparison> comparisons = new LinkedHashSet<>();
        guards.forEach(guard -> guard.expressions().forEach(expression -> comparisons.addAll(comparisons(expression))));
        List<World> starts = starts(guards, World.of(base, null));
        starts.forEach(this::add);
        List<World> satisfying = new ArrayList<>(starts);
        starts.forEach(start -> satisfying.addAll(satisfying(guards, start)));
        satisfying.forEach(this::add);
        List<List<Step>> steps = new ArrayList<>();
        satisfying.forEach(world -> steps.add(steps(world, comparisons, guards)));
        for (int i = 0; i < satisfying.size(); i++) {
            World world = satisfying.get(i);
            steps.get(i).forEach(step -> add(step.apply(world)));
        }
        for (int i = 0; i < satisfying.size(); i++) {
            addPairs(satisfying.get(i), steps.get(i));
        }
        return guards;
    }

    private void addPairs(World world, List<Step> steps) {
        for (Step one : steps) {
            World changed = one.apply(world);
            for (Step other : steps) {
                if (worlds.size() >= limit()) {
                    return;
                }
                if (changed != null && one.path().compareTo(other.path()) < 0) {
                    add(other.apply(changed));
                }
            }
        }
    }

    private int limit() {
        return tokensDiffer ? limit / 4 : limit;
    }

    private void add(@Nullable World world) {
        if (world != null && worlds.size() < limit()) {
            ChangedRequest request = world.request();
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
                    String.valueOf(world.claims()));
            worlds.putIfAbsent(key, world);
        }
    }

    private List<Comparison> comparisons(MatchExpression expression) {
        try {
            return compiler.comparisons(expression.text());
        } catch (InvalidExpressionException e) {
            return List.of();
        }
    }

    /** Without a token, and with a good one of each provider of either side. */
    private List<World> starts(List<Guard> guards, World base) {
        List<World> starts = new ArrayList<>(List.of(base));
        providers(guards).forEach(provider -> {
            Map<String, @Nullable Object> claims = new LinkedHashMap<>();
            claims.put("iss", provider.issuer());
            claims.put("exp", clock.instant().getEpochSecond() + 300);
            if (!provider.audiences().isEmpty()) {
                claims.put("aud", provider.audiences().get(0));
            }
            provider.requiredClaims().forEach(name -> claims.putIfAbsent(name, "any"));
            starts.add(base.withClaims(claims));
        });
        return starts;
    }

    /** What is demanded of a token, but for the keys and where it is written. */
    private static List<Object> demands(Guard guard) {
        return guard.authentications().stream()
                .map(jwt -> List.<@Nullable Object>of(
                        jwt.mode(),
                        jwt.location(),
                        jwt.providers().stream()
                                .map(provider -> Arrays.asList(
                                        provider.issuer(),
                                        provider.audiences(),
                                        provider.requiredClaims(),
                                        provider.clockSkew(),
                                        provider.tokenType()))
                                .toList()))
                .<Object>map(demand -> demand)
                .toList();
    }

    private static List<JwtProvider> providers(List<Guard> guards) {
        return guards.stream()
                .flatMap(guard -> guard.authentications().stream())
                .map(JwtAuthentication::providers)
                .flatMap(Collection::stream)
                .distinct()
                .toList();
    }

    /** Those that satisfy each side, and each expression alone. */
    private List<World> satisfying(List<Guard> guards, World start) {
        List<World> found = new ArrayList<>();
        Stream<Guard> alone = guards.stream()
                .flatMap(guard -> guard.expressions().stream())
                .distinct()
                .map(expression -> Guard.of(List.of(TrafficPolicy.of(
                        "alone",
                        null,
                        new Authorization(
                                AuthorizationAction.REQUIRE,
                                List.of(expression),
                                EvaluationErrorPolicy.DENY,
                                Origin.CODE)))));
        Stream.concat(guards.stream().map(guard -> guard.withAuthentication(jwt -> null)), alone)
                .forEach(guard -> satisfying(guard, start).ifPresent(found::add));
        return found;
    }

    private Optional<World> satisfying(Guard guard, World start) {
        try (Trial trial = new Trial(any -> guard, compiler, null, clock, true, Search.unbounded())) {
            return new RuleCures(trial, guard, start, List.of(), compiler).world();
        }
    }

    private List<Step> steps(World world, Set<Comparison> comparisons, List<Guard> guards) {
        Set<Step> steps = new LinkedHashSet<>();
        comparisons.forEach(comparison -> Candidates.of(comparison, world).stream()
                .map(candidate -> Step.of(world, comparison.path(), candidate))
                .forEach(steps::add));
        if (world.claims() != null && tokensDiffer) {
            tokens(guards)
                    .forEach((path, values) ->
                            values.forEach(value -> steps.add(Step.of(world, path, new Candidate(value, null)))));
        }
        return steps.stream().filter(step -> step.apply(world) != null).toList();
    }

    /** What the providers of either side demand, met and missed. */
    private Map<String, Set<Object>> tokens(List<Guard> guards) {
        Map<String, Set<Object>> values = new LinkedHashMap<>();
        long now = clock.instant().getEpochSecond();
        for (JwtProvider provider : providers(guards)) {
            long skew = provider.clockSkew().toSeconds();
            provider.audiences().forEach(audience -> put("jwt.aud", audience, values));
            put("jwt.aud", "other", values);
            put("jwt.aud", Paths.ABSENT, values);
            put("jwt.iss", provider.issuer(), values);
            provider.requiredClaims().forEach(name -> put("jwt." + name, Paths.ABSENT, values));
            put("jwt.exp", now - skew / 2, values);
            put("jwt.exp", now - skew - 1, values);
            put("jwt.nbf", now + skew / 2 + 1, values);
            put("jwt.nbf", now + skew + 10, values);
        }
        return values;
    }

    private static void put(String path, Object value, Map<String, Set<Object>> values) {
        values.computeIfAbsent(path, absent -> new LinkedHashSet<>()).add(value);
    }
}
