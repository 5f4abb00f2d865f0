package io.gatepost.tools.suite;

import io.gatepost.policy.RuleOutcome;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.document.Findings;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whether tests notice when policies are changed in one small way: operators, comparisons and literals of expressions,
 * rules, actions, modes and what providers demand. Immutable.
 *
 * @param mutants how many changes were tried
 * @param survivors those that no test noticed, in the order of the files
 */
public record MutationRun(int mutants, List<Diagnostic> survivors) {
    public MutationRun {
        survivors = List.copyOf(survivors);
    }

    /**
     * Changes the policies of suites, one thing at a time, and runs their tests until one fails. A policy that several
     * suites test is changed in each, and it suffices that one notices.
     *
     * @param suites suites whose cases all pass as the policies are
     * @return how many changes were noticed, and which ones were not
     */
    public static MutationRun of(List<PolicySuite> suites) {
        Map<Place, Boolean> noticed = new LinkedHashMap<>();
        for (PolicySuite suite : suites) {
            Attempt attempt = new Attempt(suite);
            for (PolicyMutant mutant : PolicyMutants.of(suite.policies(), suite::isAbout)) {
                Place place = new Place(mutant.origin(), mutant.change());
                if (!noticed.getOrDefault(place, false) && attempt.isUsable(mutant)) {
                    noticed.merge(place, attempt.notices(mutant), Boolean::logicalOr);
                }
            }
        }
        List<Diagnostic> survivors = noticed.entrySet().stream()
                .filter(mutant -> !mutant.getValue())
                .map(mutant -> Diagnostic.warning(
                        mutant.getKey().origin(),
                        "nothing would notice if " + mutant.getKey().change()))
                .sorted(Findings.BY_POSITION)
                .toList();
        return new MutationRun(noticed.size(), survivors);
    }

    private record Place(Origin origin, String change) {}

    /**
     * How many of the changes were noticed.
     *
     * @return whole percents, rounded down; 100 where there was nothing to change
     */
    public int score() {
        return mutants == 0 ? 100 : (mutants - survivors.size()) * 100 / mutants;
    }

    /** A line for each survivor, and a last line with the score. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        survivors.forEach(one -> text.append(one.origin().place())
                .append(": ")
                .append(one.message())
                .append('\n'));
        return text.append("mutation score: ")
                .append(score() + " %, " + (mutants - survivors.size()) + " of " + mutants + " changes noticed")
                .toString();
    }

    /** The tests of one suite against changed policies. */
    private static final class Attempt {
        private final PolicySuite suite;
        private final Engines engines;
        private final Map<PolicyCase, Set<Origin>> evaluates;

        Attempt(PolicySuite suite) {
            this.suite = suite;
            engines = new Engines(builder -> builder.expressions(suite.compiler()));
            evaluates = suite.cases().stream().collect(Collectors.toMap(test -> test, this::evaluated));
        }

        private Set<Origin> evaluated(PolicyCase test) {
            Set<Origin> rules = new HashSet<>();
            for (RuleOutcome rule : suite.run(test).answer().explanation().rules()) {
                rules.add(rule.expression().origin());
            }
            return rules;
        }

        boolean isUsable(PolicyMutant mutant) {
            try {
                engines.of(mutant.policies(), Set.of());
                return true;
            } catch (InvalidPolicyException e) {
                return false;
            }
        }

        /** A test that never evaluated an expression can't tell that it was changed. */
        boolean notices(PolicyMutant mutant) {
            suite.compiler().start();
            Routing changed = suite.routing(mutant.policies());
            return suite.cases().stream()
                    .filter(test -> mutant.rule() == null
                            || evaluates.getOrDefault(test, Set.of()).contains(mutant.rule()))
                    .anyMatch(test -> suite.notices(test, changed, engines));
        }
    }
}
