package io.gatepost.tools.explain;

import io.gatepost.policy.Decision;
import io.gatepost.policy.RouteEngine;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.RuleOutcome;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.cel.Comparison;
import io.gatepost.policy.expression.InvalidExpressionException;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.tools.explain.Candidates.Candidate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the fewest values that would have to be others for the rules to allow: one, two or three by trying all;
 * more by going on with what gets closest, and then leaving out what is not needed. Not thread-safe.
 */
final class RuleCures {
    private static final int ALTERNATIVES = 3;
    private static final int PAIRED = 80;
    private static final int TRIPLED = 30;
    private static final int LONGEST = 12;

    /** What no client can say of itself: whoever stands in front sets it, or takes it away. */
    private static final Pattern SET_BY_SERVERS =
            Pattern.compile("(?i)request\\.headers\\.(x-forwarded-.*|forwarded|via"
                    + "|x-real-ip|x-client-.*|client-cert.*|x-ssl-.*|ssl-.*|x-auth-request-.*|x-authenticated-.*|remote-.*"
                    + "|x-remote-.*|x-webauth-.*|x-envoy-.*|x-amzn-.*|x-ms-client-.*|x-goog-.*|cf-.*|true-client-ip|fastly-.*"
                    + "|x-request-id|x-user.*|x-tailscale-.*|tailscale-.*)|request\\.version|source\\.(raw)?[pP]ort");

    private final ScenarioEngines engines;
    private final RoutePolicies policies;
    private final Scenario start;
    private final List<Step> steps;
    private final List<List<Step>> found = new ArrayList<>();

    RuleCures(
            ScenarioEngines engines,
            RoutePolicies policies,
            Scenario start,
            List<MatchExpression> decisive,
            CelExpressionCompiler compiler) {
        this.engines = engines;
        this.policies = policies;
        this.start = start;
        steps = steps(engines, start, comparisons(policies, decisive, compiler));
    }

    /** The fewest changes, and others as few; empty where none were found, also for lack of time. */
    List<List<Change>> find() {
        try {
            search();
        } catch (SearchLimit.Cut cut) {
            // What was found until then is told.
        }
        Map<Set<String>, List<Change>> first = new LinkedHashMap<>();
        found.forEach(set ->
                first.putIfAbsent(paths(set), set.stream().map(Step::change).toList()));
        return List.copyOf(first.values());
    }

    /** A scenario that the rules allow, near but not always nearest: that is found much sooner. */
    Optional<Scenario> scenario() {
        if (engines.allowedByRules(start, policies)) {
            return Optional.of(start);
        }
        climb();
        if (found.isEmpty()) {
            singles();
        }
        if (found.isEmpty()) {
            pairs();
        }
        return found.isEmpty() ? Optional.empty() : Optional.ofNullable(applied(found.get(0)));
    }

    private void search() {
        singles();
        if (found.isEmpty()) {
            pairs();
        }
        if (found.isEmpty()) {
            triples();
        }
        if (found.isEmpty()) {
            climb();
        }
    }

    private static List<Comparison> comparisons(
            RoutePolicies policies, List<MatchExpression> decisive, CelExpressionCompiler compiler) {
        Set<Comparison> found = new LinkedHashSet<>();
        for (MatchExpression expression : Stream.concat(
                        decisive.stream(), ChangedPolicies.expressions(policies).stream())
                .toList()) {
            try {
                found.addAll(compiler.comparisons(expression.text()));
            } catch (InvalidExpressionException e) {
                throw new IllegalStateException("an expression of a running engine can't be compiled", e);
            }
        }
        return List.copyOf(found);
    }

    private static List<Step> steps(ScenarioEngines engines, Scenario scenario, List<Comparison> comparisons) {
        Set<Step> steps = new LinkedHashSet<>();
        for (Comparison comparison : comparisons) {
            if (SET_BY_SERVERS.matcher(comparison.path()).matches()) {
                continue;
            }
            engines.search().goOn();
            candidates(engines, comparison, scenario).stream()
                    .map(candidate -> Step.of(scenario, comparison.path(), candidate))
                    .forEach(steps::add);
        }
        return steps.stream()
                .peek(step -> engines.search().goOn())
                .filter(step -> step.apply(scenario) != null)
                .sorted(Comparator.comparing(step -> step.change().kind()))
                .toList();
    }

    private static List<Candidate> candidates(ScenarioEngines engines, Comparison comparison, Scenario scenario) {
        return comparison.path().equals("request.startTime")
                ? Instants.near(comparison.literal(), engines.clock().instant())
                : Candidates.of(comparison, scenario);
    }

    private void singles() {
        for (Step step : steps) {
            addIfSuffices(List.of(step));
        }
    }

    private void pairs() {
        List<Step> some = first(PAIRED);
        for (int i = 0; i < some.size() && found.size() < ALTERNATIVES; i++) {
            for (Step other : some.subList(i + 1, some.size())) {
                addIfSuffices(List.of(some.get(i), other));
            }
        }
    }

    private void triples() {
        List<Step> some = first(TRIPLED);
        for (int i = 0; i < some.size(); i++) {
            for (int j = i + 1; j < some.size() && found.isEmpty(); j++) {
                for (Step third : some.subList(j + 1, some.size())) {
                    addIfSuffices(List.of(some.get(i), some.get(j), third));
                }
            }
        }
    }

    private void addIfSuffices(List<Step> set) {
        Set<String> paths = paths(set);
        boolean distinct = paths.size() == set.size()
                && found.stream().noneMatch(other -> paths(other).equals(paths));
        if (distinct && found.size() < ALTERNATIVES && suffices(set)) {
            found.add(set);
        }
    }

    private static Set<String> paths(List<Step> set) {
        return set.stream().map(Step::path).collect(Collectors.toSet());
    }

    /** Those that are meant by the policy before their opposites. */
    private List<Step> first(int count) {
        return steps.stream().limit(count).toList();
    }

    private boolean suffices(List<Step> set) {
        Scenario scenario = applied(set);
        return scenario != null && engines.allowedByRules(scenario, policies) && engines.allows(scenario);
    }

    private @Nullable Scenario applied(List<Step> set) {
        engines.search().goOn();
        Scenario scenario = start;
        for (Step step : set) {
            scenario = scenario == null ? null : step.apply(scenario);
        }
        return scenario;
    }

    private void climb() {
        List<Step> taken = new ArrayList<>();
        Scenario scenario = start;
        while (taken.size() < LONGEST && !engines.allowedByRules(scenario, policies)) {
            Scenario here = scenario;
            Step best = steps.stream()
                    .filter(step -> step.apply(here) != null)
                    .max(Comparator.comparingInt(step -> closeness(Objects.requireNonNull(step.apply(here)))))
                    .orElse(null);
            Scenario next = best == null ? null : best.apply(scenario);
            if (best == null || next == null || closeness(next) <= closeness(scenario)) {
                return;
            }
            taken.add(best);
            scenario = next;
        }
        if (suffices(taken)) {
            found.add(withoutNeedless(taken));
        }
    }

    private List<Step> withoutNeedless(List<Step> taken) {
        List<Step> left = new ArrayList<>(taken);
        for (Step step : taken) {
            List<Step> fewer =
                    left.stream().filter(other -> !other.equals(step)).toList();
            if (suffices(fewer)) {
                left = new ArrayList<>(fewer);
            }
        }
        return left;
    }

    /** How far the rules got, and how much of the one that stopped them held. */
    private int closeness(Scenario scenario) {
        RouteEngine.Phases phases = engines.rules(scenario, policies);
        if (phases.decision() instanceof Decision.Allow) {
            return Integer.MAX_VALUE;
        }
        List<RuleOutcome> decisive = phases.decision().explanation().decisive();
        int held = decisive.stream().mapToInt(RuleCures::held).max().orElse(0);
        return (asked(phases.preRouting()) + asked(phases.postRouting())) * 1000 + held;
    }

    private static int asked(@Nullable Decision decision) {
        return decision == null ? 0 : decision.explanation().rules().size();
    }

    private static int held(RuleOutcome rule) {
        return (int) rule.parts().stream()
                .filter(part -> part.value().equals("true"))
                .count();
    }
}
