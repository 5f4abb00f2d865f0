package io.gatepost.tools.suite;

import io.gatepost.policy.diagnostic.Diagnostic;
import java.util.List;

/**
 * How far tests went through the rules of policies. Immutable.
 *
 * @param rules how many expressions there are
 * @param decisiveRules how many of them decided in some test
 * @param branches how many sides {@code &&}, {@code ||} and {@code ?:} have in all of them
 * @param decisiveBranches how many of these decided in some test
 * @param gaps what no test did, each with its place, in the order of the files
 */
public record Coverage(int rules, int decisiveRules, int branches, int decisiveBranches, List<Diagnostic> gaps) {
    public Coverage {
        gaps = List.copyOf(gaps);
    }

    /** A line for each gap, and a last line with the counts. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        gaps.forEach(gap -> text.append(gap.origin().place())
                .append(": ")
                .append(gap.message())
                .append('\n'));
        return text.append("coverage: ")
                .append(decisiveRules + " of " + rules + " rules and ")
                .append(decisiveBranches + " of " + branches + " sides of `&&`, `||` and `?:` decided in some test")
                .toString();
    }
}
