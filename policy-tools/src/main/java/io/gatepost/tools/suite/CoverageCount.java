package io.gatepost.tools.suite;

import io.gatepost.policy.RuleOutcome;
import io.gatepost.policy.cel.ExpressionBranches;
import io.gatepost.policy.cel.ExpressionBranches.Branch;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.document.Findings;
import io.gatepost.policy.expression.EvaluationContext;
import io.gatepost.policy.expression.InvalidExpressionException;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.Enforcement;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.TrafficPolicy;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Counts what tests do. A policy that several suites test is one. Not thread-safe. */
final class CoverageCount {
    private final Map<Origin, RuleCount> rules = new LinkedHashMap<>();

    /** What happened to one rule so far. */
    private static final class RuleCount {
        private final MatchExpression rule;
        private final AuthorizationAction action;
        private final ExpressionBranches branches;
        private final Set<RuleOutcome.Result> results = new HashSet<>();
        private final Set<Branch> decided = new HashSet<>();
        private boolean decisive;

        RuleCount(MatchExpression rule, AuthorizationAction action) {
            this.rule = rule;
            this.action = action;
            branches = branches(rule);
        }

        private static ExpressionBranches branches(MatchExpression rule) {
            try {
                return ObservedCompiler.CEL.branches(rule.text());
            } catch (InvalidExpressionException e) {
                throw new IllegalStateException("an expression was compiled and can't be compiled again", e);
            }
        }

        void count(RuleOutcome outcome, boolean decides, List<ObservedCompiler.Evaluated> evaluated) {
            results.add(outcome.result());
            decisive |= decides;
            evaluated.stream()
                    .filter(one -> one.text().equals(rule.text()))
                    .forEach(one -> decided.addAll(decided(one)));
        }

        private Set<Branch> decided(ObservedCompiler.Evaluated one) {
            Clock then = Clock.fixed(one.startTime(), ZoneOffset.UTC);
            return branches.decided(one.request(), one.token(), new EvaluationContext(then));
        }

        /** Where a rule was never evaluated, its parts weren't either: one gap, one line. */
        void addGaps(List<Diagnostic> gaps) {
            String whole = whole();
            if (!whole.isEmpty()) {
                gaps.add(Diagnostic.warning(rule.origin(), Expectation.oneLine(rule) + " " + whole));
            }
            if (!results.isEmpty()) {
                branches.branches().stream()
                        .filter(branch -> !decided.contains(branch))
                        .forEach(branch -> gaps.add(Diagnostic.warning(
                                rule.at(branch.line(), branch.column()),
                                "`" + branch.text().replaceAll("\\s*\\R\\s*", " ") + "` " + branch.undecided())));
            }
        }

        private String whole() {
            if (results.isEmpty()) {
                return "was never evaluated";
            }
            if (!decisive) {
                return "never decided";
            }
            boolean matched = results.contains(RuleOutcome.Result.MATCHED);
            boolean both = matched && results.size() > 1;
            return both || (matched && action == AuthorizationAction.REQUIRE)
                    ? ""
                    : matched ? "held in every test" : "held in no test";
        }
    }

    void add(List<TrafficPolicy> policies) {
        for (TrafficPolicy policy : policies) {
            if (policy.authorization() != null && isEnforced(policy, policy.authorization())) {
                AuthorizationAction action = policy.authorization().action();
                policy.authorization()
                        .matchExpressions()
                        .forEach(rule -> rules.computeIfAbsent(rule.origin(), at -> new RuleCount(rule, action)));
            }
        }
    }

    /** What is in shadow decides nothing. */
    private static boolean isEnforced(TrafficPolicy policy, Authorization rules) {
        return policy.enforcement() == Enforcement.ENFORCED && rules.enforcement() == Enforcement.ENFORCED;
    }

    void count(PolicySuite.Observed observed) {
        var explanation = observed.result().answer().explanation();
        for (RuleOutcome outcome : explanation.rules()) {
            RuleCount count = rules.get(outcome.expression().origin());
            if (count != null) {
                count.count(outcome, explanation.decisive().contains(outcome), observed.evaluated());
            }
        }
    }

    Coverage coverage() {
        List<Diagnostic> gaps = new ArrayList<>();
        rules.values().forEach(rule -> rule.addGaps(gaps));
        gaps.sort(Findings.BY_POSITION);
        return new Coverage(
                rules.size(),
                (int) rules.values().stream().filter(rule -> rule.decisive).count(),
                rules.values().stream()
                        .mapToInt(rule -> rule.branches.branches().size())
                        .sum(),
                rules.values().stream().mapToInt(rule -> rule.decided.size()).sum(),
                gaps);
    }
}
