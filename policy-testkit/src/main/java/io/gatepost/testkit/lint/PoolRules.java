package io.gatepost.testkit.lint;

import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.Origin;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.testkit.lint.Anonymous.Outcome;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Looks at the rules that are asked together: those of all policies that apply to one request. */
final class PoolRules {
    private final List<Rule> allows;
    private final List<Rule> denies;
    private final List<Rule> requires;
    private final Consumer<Finding> findings;

    private PoolRules(List<Rule> rules, Consumer<Finding> findings) {
        allows = of(AuthorizationAction.ALLOW, rules);
        denies = of(AuthorizationAction.DENY, rules);
        requires = of(AuthorizationAction.REQUIRE, rules);
        this.findings = findings;
    }

    private static List<Rule> of(AuthorizationAction action, List<Rule> rules) {
        return rules.stream().filter(rule -> rule.action() == action).toList();
    }

    static void check(List<TrafficPolicy> policies, @Nullable JwtAuthentication jwt, Consumer<Finding> findings) {
        PoolRules rules = new PoolRules(
                policies.stream().flatMap(policy -> Rule.of(policy).stream()).toList(), findings);
        rules.algebra();
        rules.denyWithoutAllow();
        if (Rule.isOptional(jwt)) {
            rules.anonymous();
        }
    }

    private void algebra() {
        List<Rule> open = allows.stream().filter(Rule::isOpen).toList();
        shadowed(open);
        duplicates(denies);
        duplicates(requires);
        List<Rule> openDenies = denies.stream().filter(Rule::isOpen).toList();
        List<Rule> openRequires = requires.stream().filter(Rule::isOpen).toList();
        for (Rule allow : open) {
            first(
                    allow,
                    openDenies,
                    deny -> deny.isImpliedBy(allow),
                    LintRule.DENIED_ALLOW,
                    "is always overruled by the Deny ");
            first(
                    allow,
                    openRequires,
                    allow::excludes,
                    LintRule.CONTRADICTORY_RULES,
                    "can't hold together with the Require ");
        }
        for (int i = 1; i < openRequires.size(); i++) {
            Rule require = openRequires.get(i);
            first(
                    require,
                    openRequires.subList(0, i),
                    require::excludes,
                    LintRule.CONTRADICTORY_RULES,
                    "can't hold together with the Require ");
        }
        for (Rule require : openRequires) {
            first(
                    require,
                    openDenies,
                    deny -> deny.isImpliedBy(require),
                    LintRule.CONTRADICTORY_RULES,
                    "is always overruled by the Deny ");
        }
    }

    private void first(
            Rule rule, List<Rule> others, java.util.function.Predicate<Rule> meets, LintRule found, String message) {
        others.stream().filter(meets).findFirst().ifPresent(other -> tell(found, rule, message + shown(other)));
    }

    /** Of rules of which any suffices, those that hold only where another one does; of equal ones the later. */
    private void shadowed(List<Rule> rules) {
        for (int i = 0; i < rules.size(); i++) {
            for (int j = 0; j < rules.size(); j++) {
                Rule rule = rules.get(i);
                Rule other = rules.get(j);
                if (i != j && other.isImpliedBy(rule) && (j < i || !rule.isImpliedBy(other))) {
                    tell(
                            LintRule.SHADOWED_ALLOW,
                            rule,
                            "allows nothing that is not allowed already by " + shown(other));
                    break;
                }
            }
        }
    }

    private void duplicates(List<Rule> rules) {
        List<Rule> open = rules.stream().filter(Rule::isOpen).toList();
        for (int i = 1; i < open.size(); i++) {
            Rule rule = open.get(i);
            first(
                    rule,
                    open.subList(0, i),
                    other -> other.isImpliedBy(rule) && rule.isImpliedBy(other),
                    LintRule.DUPLICATE_RULE,
                    "says the same as ");
        }
    }

    private void denyWithoutAllow() {
        if (!denies.isEmpty() && allows.isEmpty() && requires.isEmpty()) {
            tell(
                    LintRule.DENY_WITHOUT_ALLOW,
                    denies.get(0),
                    "stands among nothing but Deny rules: what they don't name is allowed");
        }
    }

    private void anonymous() {
        denies.stream().filter(rule -> outcomes(rule).contains(Outcome.ERROR)).forEach(this::unguardedDeny);
        requires.stream()
                .filter(rule -> outcomes(rule).contains(Outcome.ERROR))
                .forEach(rule -> tell(
                        LintRule.UNGUARDED_JWT,
                        rule,
                        "fails without a token: the requests that the mode lets in are refused here"));
        if (!allows.isEmpty()
                && allows.stream().noneMatch(rule -> outcomes(rule).contains(Outcome.TRUE))) {
            allows.stream()
                    .filter(rule -> outcomes(rule).contains(Outcome.ERROR))
                    .forEach(rule -> tell(
                            LintRule.UNGUARDED_JWT,
                            rule,
                            "fails without a token, and no other Allow holds without one: nobody gains by the mode"));
        }
    }

    private void unguardedDeny(Rule rule) {
        tell(
                LintRule.UNGUARDED_JWT,
                rule,
                rule.ignoresErrors()
                        ? "fails without a token and is ignored then: leaving the token out evades it"
                        : "fails without a token: the requests that the mode lets in are denied here");
    }

    private static Set<Outcome> outcomes(Rule rule) {
        return Anonymous.outcomes(rule.syntax());
    }

    private static String shown(Rule rule) {
        Origin origin = rule.syntax().expression().origin();
        String place = origin.source().isEmpty() ? "" : " (line " + origin.line() + ")";
        return "`" + rule.syntax().expression().text().strip() + "`" + place;
    }

    private void tell(LintRule found, Rule rule, String message) {
        Origin origin = rule.syntax().expression().origin();
        findings.accept(new Finding(
                found, origin, "`" + rule.syntax().expression().text().strip() + "` " + message));
    }
}
