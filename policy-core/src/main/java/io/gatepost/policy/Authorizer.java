package io.gatepost.policy;

import io.gatepost.policy.RuleOutcome.Result;
import io.gatepost.policy.expression.EvaluationContext;
import io.gatepost.policy.model.Authorization.EvaluationErrorPolicy;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.token.TokenOutcomes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The rule algebra (reference section 2.2, with DESIGN's difference 3): a Deny that holds or fails denies, then every
 * Require must hold, then one Allow must hold where there are any. All policies' rules are pooled.
 */
final class Authorizer {
    /** How many expressions a summary names where more decided together. */
    private static final int NAMED = 3;

    private final List<Rule> denies;
    private final List<Rule> requires;
    private final List<Rule> allows;

    Authorizer(List<Rule> rules) {
        denies = of(AuthorizationAction.DENY, rules);
        requires = of(AuthorizationAction.REQUIRE, rules);
        allows = of(AuthorizationAction.ALLOW, rules);
    }

    private static List<Rule> of(AuthorizationAction action, List<Rule> rules) {
        return rules.stream().filter(rule -> rule.action() == action).toList();
    }

    /** What the rules say; {@code reason} is null where they allow. */
    record Verdict(@Nullable DenyReason reason, Explanation explanation) {}

    /** What the rules are asked about: a request, its token, what is known of that, and what it may still cost. */
    record Case(
            PolicyRequest request,
            @Nullable VerifiedToken token,
            @Nullable TokenOutcomes known,
            EvaluationContext context) {}

    Verdict authorize(Case judged, String authentication) {
        VerifiedToken token = judged.token();
        List<RuleOutcome> outcomes = new ArrayList<>();
        RuleOutcome failed = null;
        for (Rule rule : denies) {
            RuleOutcome outcome = evaluate(rule, judged, outcomes);
            if (outcome.result() == Result.MATCHED) {
                return held(token, DenyReason.RULE_DENIED, outcomes, outcome);
            }
            if (failed == null && outcome.result() == Result.FAILED && denies(rule, judged)) {
                failed = outcome;
            }
        }
        if (failed != null) {
            return verdict(token, DenyReason.RULE_FAILED, "a Deny expression could not be evaluated", outcomes, failed);
        }
        for (Rule rule : requires) {
            RuleOutcome outcome = evaluate(rule, judged, outcomes);
            if (outcome.result() != Result.MATCHED) {
                return verdict(
                        token, DenyReason.RULE_NOT_MATCHED, "a Require expression did not hold", outcomes, outcome);
            }
        }
        if (!allows.isEmpty()) {
            return allow(judged, outcomes);
        }
        List<RuleOutcome> decisive = outcomes.subList(denies.size(), outcomes.size());
        return new Verdict(
                null, new Explanation(allRequired(decisive, authentication), providerOf(token), outcomes, decisive));
    }

    /** No client may choose that a rule is passed over by making the others costly. */
    private static boolean denies(Rule failed, Case judged) {
        return failed.onError() == EvaluationErrorPolicy.DENY
                || judged.context().left() < 0;
    }

    /** Without Allow expressions it is the Require expressions that let a request through, if there are any. */
    private static String allRequired(List<RuleOutcome> held, String otherwise) {
        return switch (held.size()) {
            case 0 -> otherwise;
            case 1 -> "the Require expression held: " + held.get(0).rule().shown();
            default -> "all " + held.size() + " Require expressions held";
        };
    }

    private Verdict allow(Case judged, List<RuleOutcome> outcomes) {
        VerifiedToken token = judged.token();
        int before = outcomes.size();
        for (Rule rule : allows) {
            RuleOutcome outcome = evaluate(rule, judged, outcomes);
            if (outcome.result() == Result.MATCHED) {
                return held(token, null, outcomes, outcome);
            }
        }
        List<RuleOutcome> missed = outcomes.subList(before, outcomes.size());
        return new Verdict(
                DenyReason.RULE_NOT_MATCHED, new Explanation(noneHeld(missed), providerOf(token), outcomes, missed));
    }

    /** None of them is to blame more than another: all are counted, and the first ones named. */
    private static String noneHeld(List<RuleOutcome> missed) {
        String named = missed.stream().limit(NAMED).map(Authorizer::named).collect(Collectors.joining("; "));
        return missed.size() == 1
                ? "no Allow expression held: " + named
                : "no Allow expression held of " + missed.size() + ": " + named
                        + (missed.size() > NAMED ? "; and " + (missed.size() - NAMED) + " more" : "");
    }

    private static String named(RuleOutcome outcome) {
        return outcome.rule().shown() + (outcome.error() == null ? "" : " (" + outcome.error() + ")");
    }

    private static RuleOutcome evaluate(Rule rule, Case judged, List<RuleOutcome> outcomes) {
        RuleOutcome outcome = rule.outcome(judged);
        outcomes.add(outcome);
        return outcome;
    }

    private static @Nullable String providerOf(@Nullable VerifiedToken token) {
        return token == null ? null : token.issuer();
    }

    private static Verdict held(
            @Nullable VerifiedToken token,
            @Nullable DenyReason reason,
            List<RuleOutcome> outcomes,
            RuleOutcome decisive) {
        String summary = decisive.rule().held();
        return new Verdict(reason, new Explanation(summary, providerOf(token), outcomes, List.of(decisive)));
    }

    private static Verdict verdict(
            @Nullable VerifiedToken token,
            DenyReason reason,
            String what,
            List<RuleOutcome> outcomes,
            RuleOutcome decisive) {
        String summary = what + ": " + named(decisive);
        return new Verdict(reason, new Explanation(summary, providerOf(token), outcomes, List.of(decisive)));
    }
}
