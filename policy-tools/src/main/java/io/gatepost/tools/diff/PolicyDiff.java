package io.gatepost.tools.diff;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.explain.Simulation;
import io.gatepost.tools.explain.Variations;
import io.gatepost.tools.explain.Variations.Policed;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What changes from one set of policies to another: in what they say, and in what they decide. Immutable.
 *
 * @param differences what they say differently
 * @param asked how many requests both were asked about
 * @param undecidable how many recorded requests hold too little to be decided again as they were
 * @param flips those that only one of them allows
 * @param notDecidable what can't be told of what they decide, one line each; empty for recorded requests, which speak
 *     for themselves only
 */
public record PolicyDiff(
        List<Difference> differences, int asked, int undecidable, List<Flip> flips, List<String> notDecidable) {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int SHOWN = 20;
    private static final int MADE_UP = 4_000;

    public PolicyDiff {
        differences = List.copyOf(differences);
        flips = List.copyOf(flips);
        notDecidable = List.copyOf(notDecidable);
    }

    /**
     * One side of the comparison.
     *
     * @param policies the policies
     * @param documents what else says who gets where, by kind and name, such as routes
     * @param policiesOf what guards a request; null for one that no route takes
     * @param routes names the route of a request
     * @param keys what reads keys that are not written in policies; null where all are
     */
    public record Side(
            List<TrafficPolicy> policies,
            Map<String, Record> documents,
            Function<PolicyRequest, @Nullable RoutePolicies> policiesOf,
            Function<PolicyRequest, String> routes,
            @Nullable KeySources keys) {
        public Side {
            policies = List.copyOf(policies);
            documents = Collections.unmodifiableMap(new LinkedHashMap<>(documents));
        }

        /**
         * Policies that all apply to all requests.
         *
         * @param policies the policies, their keys inline
         * @return the side
         */
        public static Side of(List<TrafficPolicy> policies) {
            RoutePolicies all = RoutePolicies.of(policies);
            return new Side(policies, Map.of(), any -> all, any -> "every route", null);
        }
    }

    /**
     * Compares by requests that are made up on both sides of all that either side's policies compare with.
     *
     * @param from the one side
     * @param to the other one
     * @param bases a request for each route of either
     * @param clock what times of tokens count from
     * @return what changes, and what can't be told of it
     * @throws io.gatepost.policy.diagnostic.InvalidPolicyException where policies can't be used
     */
    public static PolicyDiff madeUp(Side from, Side to, List<PolicyRequest> bases, Clock clock) {
        KeyChanges keys = new KeyChanges(from.policies(), to.policies());
        Variations made = Variations.of(
                new Policed(from.policiesOf(), keys::before),
                new Policed(to.policiesOf(), keys::now),
                bases,
                clock,
                MADE_UP);
        List<Asked> requests = made.requests().stream().map(Asked::madeUp).toList();
        List<String> untold = new ArrayList<>(keys.untold());
        untold.addAll(made.notDecidable());
        return of(from, to, requests, 0, untold, keys, clock);
    }

    /**
     * Compares by given requests.
     *
     * @param from the one side
     * @param to the other one
     * @param requests what both are asked about
     * @param undecidable how many recorded requests could not be asked about
     * @param clock what times of tokens are compared with
     * @return what changes
     * @throws io.gatepost.policy.diagnostic.InvalidPolicyException where policies can't be used
     */
    public static PolicyDiff of(Side from, Side to, List<Asked> requests, int undecidable, Clock clock) {
        KeyChanges keys = new KeyChanges(from.policies(), to.policies());
        return of(from, to, requests, undecidable, List.of(), keys, clock);
    }

    private static PolicyDiff of(
            Side from,
            Side to,
            List<Asked> requests,
            int undecidable,
            List<String> untold,
            KeyChanges keys,
            Clock clock) {
        List<Flip> flips = new ArrayList<>();
        try (Simulation before = new Simulation(from.policiesOf(), from.keys(), clock, keys::before);
                Simulation after = new Simulation(to.policiesOf(), to.keys(), clock, keys::now)) {
            for (Asked asked : requests) {
                Decision one = asked.decide(before);
                Decision other = asked.decide(after);
                if (one instanceof Decision.Allow != other instanceof Decision.Allow) {
                    Side taking = one == null ? to : from;
                    String route = taking.routes().apply(asked.request());
                    flips.add(new Flip(asked.told(), route, asked.subject(one, other), one, other));
                }
            }
        }
        return new PolicyDiff(Differences.of(from, to), requests.size(), undecidable, flips, untold);
    }

    /**
     * For a terminal.
     *
     * @return lines, each ended
     */
    public String text() {
        StringBuilder text = new StringBuilder();
        text.append(differences.isEmpty() ? "the policies say the same\n" : "");
        differences.forEach(difference -> text.append(difference).append('\n'));
        text.append(flips.size()).append(" of ").append(asked).append(" requests flip");
        text.append(undecidable == 0 ? "" : "; " + undecidable + " records hold too little to be decided again");
        text.append('\n');
        counts(Flip::route).forEach((route, count) -> append("route " + route, count, text));
        counts(Flip::subject)
                .forEach((subject, count) ->
                        append(subject.isEmpty() ? "without subject" : "subject " + subject, count, text));
        flips.stream()
                .limit(SHOWN)
                .forEach(flip -> text.append("  ").append(flip).append('\n'));
        if (flips.size() > SHOWN) {
            text.append("  and ").append(flips.size() - SHOWN).append(" more; --format json has them all\n");
        }
        notDecidable.forEach(line -> text.append("not decidable: ").append(line).append('\n'));
        return text.toString();
    }

    /** How many are denied and allowed now. */
    private record Count(int denied, int allowed) {
        Count with(Flip flip) {
            return flip.isAllowedNow() ? new Count(denied, allowed + 1) : new Count(denied + 1, allowed);
        }
    }

    private Map<String, Count> counts(Function<Flip, String> key) {
        Map<String, Count> counts = new TreeMap<>();
        flips.forEach(
                flip -> counts.merge(key.apply(flip), new Count(0, 0).with(flip), (known, one) -> known.with(flip)));
        return counts;
    }

    private static void append(String what, Count count, StringBuilder text) {
        text.append("  ").append(what).append(": ").append(count.denied()).append(" now denied, ");
        text.append(count.allowed()).append(" now allowed\n");
    }

    /**
     * For programs.
     *
     * @return a JSON object: {@code differences} (of {@code kind}, {@code text}, {@code from}?, {@code to}?),
     *     {@code asked}, {@code undecidable}, {@code byRoute} and {@code bySubject} (name to {@code denied} and
     *     {@code allowed}), {@code flips} (of {@code request}, {@code route}, {@code subject}, {@code from},
     *     {@code to}), {@code notDecidable}: lines of text
     */
    public String json() {
        ObjectNode told = JSON.createObjectNode();
        ArrayNode said = told.putArray("differences");
        differences.forEach(difference -> add(difference, said.addObject()));
        told.put("asked", asked).put("undecidable", undecidable);
        add(counts(Flip::route), told.putObject("byRoute"));
        add(counts(Flip::subject), told.putObject("bySubject"));
        ArrayNode turned = told.putArray("flips");
        flips.forEach(flip -> turned.addObject()
                .put("request", flip.request())
                .put("route", flip.route())
                .put("subject", flip.subject())
                .put("from", Flip.told(flip.from()))
                .put("to", Flip.told(flip.to())));
        ArrayNode open = told.putArray("notDecidable");
        notDecidable.forEach(open::add);
        return JSON.writeValueAsString(told);
    }

    private static void add(Difference difference, ObjectNode row) {
        row.put("kind", difference.kind().name().toLowerCase(Locale.ROOT)).put("text", difference.text());
        if (!difference.from().place().isEmpty()) {
            row.put("from", difference.from().place());
        }
        if (!difference.to().place().isEmpty()) {
            row.put("to", difference.to().place());
        }
    }

    private static void add(Map<String, Count> counts, ObjectNode row) {
        counts.forEach((name, count) ->
                row.putObject(name).put("denied", count.denied()).put("allowed", count.allowed()));
    }
}
