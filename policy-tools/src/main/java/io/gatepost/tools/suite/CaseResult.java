package io.gatepost.tools.suite;

import io.gatepost.policy.RuleOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What came of one case. Immutable.
 *
 * @param test the case
 * @param answer what the policies said
 * @param mismatches what was expected and did not come, one line each; empty where the case passed
 * @param elapsed how long the decision took
 */
public record CaseResult(PolicyCase test, Answer answer, List<String> mismatches, Duration elapsed) {
    private static final String INDENT = "    ";

    public CaseResult {
        Objects.requireNonNull(test, "test");
        Objects.requireNonNull(answer, "answer");
        Objects.requireNonNull(elapsed, "elapsed");
        mismatches = List.copyOf(mismatches);
    }

    /**
     * Whether all came as expected.
     *
     * @return whether there is no mismatch
     */
    public boolean passed() {
        return mismatches.isEmpty();
    }

    /**
     * What was expected, what came instead, and why: the expressions that decided, with what their parts came to.
     *
     * @return some lines, without a line break at the end
     */
    public String details() {
        List<String> lines = new ArrayList<>(mismatches);
        lines.add("why: " + answer.explanation().summary());
        for (RuleOutcome rule : answer.explanation().decisive()) {
            lines.add(INDENT + rule.expression().origin().place() + ": " + Expectation.oneLine(rule.expression()) + " "
                    + outcome(rule));
            rule.parts().forEach(part -> lines.add(INDENT + INDENT + part));
        }
        return String.join("\n", lines);
    }

    private static String outcome(RuleOutcome rule) {
        return switch (rule.result()) {
            case MATCHED -> "held";
            case NOT_MATCHED -> "did not hold";
            case FAILED -> "could not be evaluated: " + rule.error();
        };
    }

    @Override
    public String toString() {
        String place = test.origin().place() + ": " + test.name();
        return passed()
                ? "ok   " + place
                : "FAIL " + place + "\n" + details().indent(INDENT.length() + 1).stripTrailing();
    }
}
