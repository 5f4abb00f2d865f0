package io.gatepost.policy;

import io.gatepost.policy.Outcomes.Asking;
import io.gatepost.policy.RuleOutcome.Result;
import io.gatepost.policy.expression.EvaluationContext;
import io.gatepost.policy.model.Authorization.EvaluationErrorPolicy;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.token.TokenOutcomes;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rule algebra ({@code docs/semantics.md#rules}): a Deny that holds or fails denies, then every Require must hold,
 * then one Allow must hold where there are any. All policies' rules are pooled.
 */
final class Authorizer {
    /** How many expressions a summary names where more decided together. */
    private static final int NAMED = 3;

    /** In the order in which they are asked: Deny, Require, Allow. */
    private final List<Rule> rules;

    private final int denies;
    private final int requires;
    private final int allows;

    Authorizer(List<Rule> rules) {
        List<Rule> denying = of(AuthorizationAction.DENY, rules);
        List<Rule> requiring = of(AuthorizationAction.REQUIRE, rules);
        List<Rule> allowing = of(AuthorizationAction.ALLOW, rules);
        this.rules =
                Stream.of(denying, requiring, allowing).flatMap(List::stream).toList();
        denies = denying.size();
        requires = requiring.size();
        allows = allowing.size();
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
        // What was kept may be of another phase, and a request may show other headers since.
        judged.context().keep(null);
        Asking asking = new Asking(rules, judged);
        int failed = -1;
        for (int i = 0; i < denies; i++) {
            Result result = asking.next();
            if (result == Result.MATCHED) {
                return held(judged, DenyReason.RULE_DENIED, asking.end());
            }
            if (failed < 0 && result == Result.FAILED && denies(rules.get(i), judged)) {
                failed = i;
            }
        }
        if (failed >= 0) {
            String what = "a Deny expression could not be evaluated";
            return refused(judged, DenyReason.RULE_FAILED, what, asking.end(), failed);
        }
        for (int i = denies; i < denies + requires; i++) {
            if (asking.next() != Result.MATCHED) {
                String what = "a Require expression did not hold";
                return refused(judged, DenyReason.RULE_NOT_MATCHED, what, asking.end(), i);
            }
        }
        for (int i = 0; i < allows; i++) {
            if (asking.next() == Result.MATCHED) {
                return held(judged, null, asking.end());
            }
        }
        Outcomes outcomes = asking.end();
        Outcomes decisive = outcomes.part(allows > 0 ? denies + requires : denies, outcomes.size());
        return allows > 0
                ? verdict(judged, DenyReason.RULE_NOT_MATCHED, noneHeld(decisive), outcomes, decisive)
                : verdict(judged, null, allRequired(decisive, authentication), outcomes, decisive);
    }

    /** No client may choose that a rule is passed over by making the others costly. */
    private static boolean denies(Rule failed, Case judged) {
        return failed.onError() == EvaluationErrorPolicy.DENY
                || judged.context().left() < 0;
    }

    /** Without Allow expressions it is the Require expressions that let a request through, if there are any. */
    private static String allRequired(Outcomes held, String otherwise) {
        return switch (held.size()) {
            case 0 -> otherwise;
            case 1 -> "the Require expression held: " + held.rule(0).shown();
            default -> "all " + held.size() + " Require expressions held";
        };
    }

    /** None of them is to blame more than another: all are counted, and the first ones named. */
    private static String noneHeld(Outcomes missed) {
        String named = IntStream.range(0, Math.min(NAMED, missed.size()))
                .mapToObj(missed::named)
                .collect(Collectors.joining("; "));
        return missed.size() == 1
                ? "no Allow expression held: " + named
                : "no Allow expression held of " + missed.size() + ": " + named
                        + (missed.size() > NAMED ? "; and " + (missed.size() - NAMED) + " more" : "");
    }

    /** The last of them decided by holding. */
    private static Verdict held(Case judged, @Nullable DenyReason reason, Outcomes outcomes) {
        int last = outcomes.size() - 1;
        return verdict(judged, reason, outcomes.rule(last).held(), outcomes, outcomes.part(last, last + 1));
    }

    private static Verdict refused(Case judged, DenyReason reason, String what, Outcomes outcomes, int decisive) {
        String summary = what + ": " + outcomes.named(decisive);
        return verdict(judged, reason, summary, outcomes, outcomes.part(decisive, decisive + 1));
    }

    private static Verdict verdict(
            Case judged, @Nullable DenyReason reason, String summary, Outcomes outcomes, Outcomes decisive) {
        String provider = judged.token() == null ? null : judged.token().issuer();
        return new Verdict(reason, new Explanation(summary, provider, outcomes, decisive));
    }
}
