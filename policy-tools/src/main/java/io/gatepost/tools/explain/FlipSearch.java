package io.gatepost.tools.explain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Looks through all that made-up requests may be for those that one set of rules allows and another does not: value by
 * value, and leaves off as soon as what is known settles it. Deterministic. Not thread-safe.
 */
final class FlipSearch {
    private static final int STEPS = 6_000;
    private static final int FOUND = 8;

    private final List<Dimension> dimensions;
    private final Map<Atom, int[]> seen = new HashMap<>();
    private final Map<String, Truth> known = new HashMap<>();
    private final int[] order;
    private boolean cut;

    /**
     * A side of the comparison, given a token.
     *
     * @param rules the rules; null where nothing is allowed, as no route takes the request, or the token is refused
     * @param claims whether the rules see what the token claims
     */
    record Side(@Nullable Ruleset rules, boolean claims) {}

    /**
     * @param dimensions what requests differ in
     * @param atoms what rules compare, those first that one side alone has
     */
    FlipSearch(List<Dimension> dimensions, List<Atom> atoms) {
        this.dimensions = dimensions;
        Set<Integer> first = new LinkedHashSet<>();
        for (Atom atom : atoms) {
            int[] those = IntStream.range(0, dimensions.size())
                    .filter(i -> atom.reads().stream().anyMatch(dimensions.get(i)::isSeenBy))
                    .toArray();
            seen.put(atom, those);
            IntStream.of(those).forEach(first::add);
        }
        order = first.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Whether it left off before all was looked at. */
    boolean isCut() {
        return cut;
    }

    /**
     * Finds requests.
     *
     * @param start the request that they start from, with its token
     * @param token names the token, so that what is known of it is kept
     * @param allowing what is to allow them
     * @param denying what is to deny them; null: anything
     * @return some of them, none where there are none
     */
    List<Scenario> find(Scenario start, String token, Side allowing, @Nullable Side denying) {
        Run run = new Run(start, token, allowing, denying);
        run.go(0);
        cut |= run.steps >= STEPS;
        return run.found;
    }

    /** One search: what is settled so far, and what was found. */
    private final class Run {
        private final Scenario start;
        private final String token;
        private final Side allowing;
        private final @Nullable Side denying;
        private final int[] values = new int[dimensions.size()];
        private final List<Scenario> found = new ArrayList<>();
        private int steps;

        Run(Scenario start, String token, Side allowing, @Nullable Side denying) {
            this.start = start;
            this.token = token;
            this.allowing = allowing;
            this.denying = denying;
            Arrays.fill(values, -1);
        }

        void go(int depth) {
            if (allowing.rules() == null || ++steps >= STEPS || found.size() >= FOUND) {
                return;
            }
            Function<Atom, Truth> one = atom -> truth(atom, allowing.claims());
            Truth allowed = allowing.rules().allows(one);
            Ruleset others = denying == null ? null : denying.rules();
            Function<Atom, Truth> other = atom -> truth(atom, denying != null && denying.claims());
            Truth passed = others == null ? Truth.FALSE : others.allows(other);
            if (allowed == Truth.FALSE || passed == Truth.TRUE) {
                return;
            }
            if (allowed == Truth.TRUE && passed == Truth.FALSE) {
                Scenario scenario = Scenario.applied(start, dimensions, values);
                if (scenario != null) {
                    found.add(scenario);
                }
                return;
            }
            if (others == null || !isSame(allowing, one, denying, other)) {
                branch(depth);
            }
        }

        /** Whether what is left to settle is the same for both, so that they can't differ any more. */
        private boolean isSame(
                Side one, Function<Atom, Truth> known, @Nullable Side two, Function<Atom, Truth> knownOfOther) {
            return one.rules() != null
                    && two != null
                    && two.rules() != null
                    && one.rules()
                            .open(known, atom -> name(atom, one.claims()))
                            .equals(two.rules().open(knownOfOther, atom -> name(atom, two.claims())));
        }

        private String name(Atom atom, boolean claims) {
            return atom.number() + (claims || !atom.readsToken() ? "" : "-");
        }

        private void branch(int depth) {
            if (depth >= order.length) {
                return;
            }
            int next = order[depth];
            Dimension dimension = dimensions.get(next);
            boolean idle = dimension.ofToken() && start.claims() == null;
            for (int value = 0; value < (idle ? 1 : dimension.values().size()); value++) {
                values[next] = value;
                go(depth + 1);
            }
            values[next] = -1;
        }

        private Truth truth(Atom atom, boolean claims) {
            StringBuilder key = new StringBuilder().append(atom.number());
            key.append(atom.readsToken() ? claims ? token : "-" : "");
            int[] those = seen.getOrDefault(atom, new int[0]);
            for (int dimension : those) {
                if (claims || !dimensions.get(dimension).ofToken()) {
                    if (values[dimension] < 0) {
                        return Truth.UNKNOWN;
                    }
                    key.append(',').append(values[dimension]);
                }
            }
            return known.computeIfAbsent(key.toString(), absent -> {
                int[] only = new int[values.length];
                Arrays.fill(only, -1);
                IntStream.of(those).forEach(i -> only[i] = values[i]);
                Scenario scenario = Scenario.applied(start, dimensions, only);
                Scenario without = scenario == null || claims ? scenario : scenario.withClaims(null);
                return without == null ? Truth.ERROR : atom.on(without);
            });
        }
    }

    /** Those that are written first are first. */
    static List<Dimension> ordered(List<Dimension> dimensions) {
        return dimensions.stream().sorted(Comparator.comparing(Dimension::rank)).toList();
    }
}
