package io.gatepost.tools.suite;

import io.gatepost.policy.RuleOutcome;
import io.gatepost.policy.model.MatchExpression;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a case expects.
 *
 * @param allowed whether the request is allowed
 * @param reason the reason of a refusal, in lower case; null: any
 * @param status the status of a refusal; null: any
 * @param rule the expression that decides; null: any, or none
 * @param explanation what the explanation's summary contains; null: anything
 */
record Expectation(
        boolean allowed,
        @Nullable String reason,
        @Nullable Integer status,
        @Nullable MatchExpression rule,
        @Nullable String explanation) {

    /** What did not come as expected, one line each. */
    List<String> mismatches(Answer answer) {
        List<String> mismatches = new ArrayList<>();
        boolean other = allowed != answer.isAllowed()
                || (reason != null && !reason.equals(answer.reason()))
                || (status != null && status != answer.status());
        if (other) {
            mismatches.add("expected " + this + ", got " + spoken(answer));
        }
        if (rule != null && decisive(answer).stream().noneMatch(this::isRule)) {
            mismatches.add("expected to be decided by " + shown(rule) + ", was decided by " + deciders(answer));
        }
        String summary = answer.explanation().summary();
        if (explanation != null && !summary.contains(explanation)) {
            mismatches.add("expected an explanation with `" + explanation + "`");
        }
        return mismatches;
    }

    /** A changed expression still stands where it stood. */
    private boolean isRule(MatchExpression candidate) {
        return rule != null && candidate.origin().equals(rule.origin());
    }

    private static List<MatchExpression> decisive(Answer answer) {
        return answer.explanation().decisive().stream()
                .map(RuleOutcome::expression)
                .toList();
    }

    private static String deciders(Answer answer) {
        List<MatchExpression> decisive = decisive(answer);
        return decisive.isEmpty()
                ? "no rule"
                : decisive.stream().map(Expectation::shown).collect(Collectors.joining(" and "));
    }

    private static String shown(MatchExpression expression) {
        return oneLine(expression) + " at " + expression.origin().place();
    }

    static String oneLine(MatchExpression expression) {
        return "`" + expression.text().strip().replaceAll("\\s*\\R\\s*", " ") + "`";
    }

    private static String spoken(Answer answer) {
        return answer.isAllowed() ? "allow" : answer.status() + " " + answer.reason();
    }

    @Override
    public String toString() {
        if (allowed) {
            return "allow";
        }
        String which = (status == null ? "" : status + " ") + (reason == null ? "" : reason);
        return which.isEmpty() ? "deny" : which.strip();
    }
}
