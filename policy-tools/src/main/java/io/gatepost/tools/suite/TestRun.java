package io.gatepost.tools.suite;

import java.util.ArrayList;
import java.util.List;

/**
 * All cases of some suites, run once. Immutable.
 *
 * @param suites the suites
 * @param results what came of each case, in order
 * @param coverage how far the cases went through the policies
 */
public record TestRun(List<PolicySuite> suites, List<CaseResult> results, Coverage coverage) {
    public TestRun {
        suites = List.copyOf(suites);
        results = List.copyOf(results);
    }

    /**
     * Runs all cases.
     *
     * @param suites the suites
     * @return what came of them
     */
    public static TestRun of(List<PolicySuite> suites) {
        List<CaseResult> results = new ArrayList<>();
        CoverageCount counted = new CoverageCount();
        for (PolicySuite suite : suites) {
            counted.add(suite.policies().stream().filter(suite::isAbout).toList());
            for (PolicyCase test : suite.cases()) {
                PolicySuite.Observed observed = suite.observe(test);
                results.add(observed.result());
                counted.count(observed);
            }
        }
        return new TestRun(suites, results, counted.coverage());
    }

    /**
     * Whether every case passed.
     *
     * @return whether no case failed
     */
    public boolean passed() {
        return failures().isEmpty();
    }

    /**
     * The cases that failed.
     *
     * @return their results, in order
     */
    public List<CaseResult> failures() {
        return results.stream().filter(result -> !result.passed()).toList();
    }

    /** Every failure with its details, and a last line with the counts. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        failures().forEach(failure -> text.append(failure).append("\n\n"));
        int failed = failures().size();
        text.append(results.size()).append(results.size() == 1 ? " test, " : " tests, ");
        return text.append(failed == 0 ? "all passed" : failed + " failed").toString();
    }
}
