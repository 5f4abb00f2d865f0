package io.gatepost.tools.explain;

import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.Authorization.EvaluationErrorPolicy;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rules of a guard, taken apart, so that it can be told what they come to where only a part is known. Immutable.
 *
 * @param phases those before routing and those after it
 */
record Ruleset(List<List<Rule>> phases) {
    /**
     * A rule.
     *
     * @param action what it means that it holds
     * @param onError what an error means, of Deny
     * @param condition when it holds
     * @param told the rule, for people
     */
    record Rule(AuthorizationAction action, EvaluationErrorPolicy onError, Condition condition, String told) {}

    static Ruleset of(Guard guard, Conditions conditions) {
        return new Ruleset(Stream.of(guard.preRouting(), guard.postRouting())
                .map(phase -> rules(phase, conditions))
                .toList());
    }

    private static List<Rule> rules(EffectivePolicy phase, Conditions conditions) {
        List<Rule> rules = new ArrayList<>();
        for (TrafficPolicy policy : phase.authorizing()) {
            Authorization terms = Objects.requireNonNull(policy.authorization());
            for (MatchExpression expression : terms.matchExpressions()) {
                String place = expression.origin().place();
                rules.add(new Rule(
                        terms.action(),
                        terms.onEvaluationError(),
                        conditions.of(expression),
                        policy.name() + (place.isEmpty() ? "" : " [" + place + "]")));
            }
        }
        return rules;
    }

    List<Rule> rules() {
        return phases.stream().flatMap(List::stream).toList();
    }

    /** Whether they allow; never {@link Truth#ERROR}. */
    Truth allows(Function<Atom, Truth> known) {
        Truth all = Truth.TRUE;
        for (List<Rule> phase : phases) {
            Truth one = allows(phase, known);
            if (one == Truth.FALSE) {
                return one;
            }
            all = one == Truth.UNKNOWN ? one : all;
        }
        return all;
    }

    private static Truth allows(List<Rule> rules, Function<Atom, Truth> known) {
        boolean open = false;
        boolean listed = false;
        Truth any = Truth.FALSE;
        for (Rule rule : rules) {
            Truth truth = rule.condition().truth(known);
            if (rule.action() == AuthorizationAction.ALLOW) {
                listed = true;
                any = any == Truth.TRUE || truth == Truth.TRUE
                        ? Truth.TRUE
                        : truth == Truth.UNKNOWN ? Truth.UNKNOWN : any;
            } else if (truth == Truth.UNKNOWN) {
                open = true;
            } else if (refuses(rule, truth)) {
                return Truth.FALSE;
            }
        }
        return listed && any == Truth.FALSE
                ? Truth.FALSE
                : open || (listed && any == Truth.UNKNOWN) ? Truth.UNKNOWN : Truth.TRUE;
    }

    private static boolean refuses(Rule rule, Truth truth) {
        return rule.action() == AuthorizationAction.REQUIRE
                ? truth != Truth.TRUE
                : truth == Truth.TRUE || (truth == Truth.ERROR && rule.onError() == EvaluationErrorPolicy.DENY);
    }

    /** What is still open, as a text: where two are equal, so is what they come to. */
    String open(Function<Atom, Truth> known, Function<Atom, String> name) {
        return phases.stream().map(phase -> open(phase, known, name)).collect(Collectors.joining("\n--\n"));
    }

    private static String open(List<Rule> rules, Function<Atom, Truth> known, Function<Atom, String> name) {
        List<String> lines = new ArrayList<>();
        for (Rule rule : rules) {
            Truth truth = rule.condition().truth(known);
            boolean allow = rule.action() == AuthorizationAction.ALLOW;
            if (truth == Truth.UNKNOWN) {
                lines.add(rule.action() + " " + (allow ? "" : rule.onError())
                        + rule.condition().open(known, name));
            } else if (allow) {
                lines.add(truth == Truth.TRUE ? "ALLOW TRUE" : "ALLOW FALSE");
            }
        }
        if (lines.contains("ALLOW TRUE")) {
            lines.removeIf(line -> line.startsWith("ALLOW") && !line.equals("ALLOW TRUE"));
            lines.removeIf("ALLOW TRUE"::equals);
        }
        return lines.stream().distinct().sorted().collect(Collectors.joining("\n"));
    }
}
