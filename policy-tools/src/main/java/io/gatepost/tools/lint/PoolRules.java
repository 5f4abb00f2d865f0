package io.gatepost.tools.lint;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.lint.Anonymous.Outcome;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Looks at the rules that are asked together: those of all policies that apply to one request. */
final class PoolRules {
    private static final Set<String> BEYOND_SOURCE = Set.of(
            "jwt", "request", "llm", "apiKey", "basicAuth", "proxy", "destination", "metadata", "extauthz", "extproc");

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

    /**
     * @param policies the policies
     * @param tokens what is known of the tokens there
     * @param alone whether nothing else than these restricts who gets there
     */
    static void check(List<TrafficPolicy> policies, Tokens tokens, boolean alone, Consumer<Finding> findings) {
        List<Rule> all =
                policies.stream().flatMap(policy -> Rule.of(policy).stream()).toList();
        all.forEach(rule -> TrustRules.check(rule, tokens, findings));
        all.forEach(rule -> ClaimRules.check(rule, tokens, findings));
        PoolRules rules = new PoolRules(all, findings);
        if (!tokens.authentications().isEmpty() || rules.allows.size() > 1) {
            rules.allows.stream().filter(PoolRules::looksAtSourceOnly).forEach(rules::opens);
        }
        rules.algebra();
        boolean allFail = tokens.areNeverThere()
                && rules.denies.stream().anyMatch(rule -> outcomes(rule).equals(Set.of(Outcome.ERROR)));
        if (alone && !allFail) {
            rules.denyWithoutAllow();
        }
        if (tokens.mayBeAbsent()) {
            rules.withoutToken(
                    LintRule.UNGUARDED_JWT,
                    "fails without a token: the requests that the mode lets in are refused here",
                    "fails without a token, and no other Allow holds without one: nobody gains by the mode");
        } else if (tokens.areNeverThere()) {
            rules.withoutToken(
                    LintRule.NO_AUTHENTICATION,
                    "reads a token where no policy verifies one, and refuses requests by failing",
                    "reads a token where no policy verifies one, and no other Allow holds: every request is refused");
        }
    }

    /** Whether it looks at where and when a request comes, and at nothing of who asks for what. */
    private static boolean looksAtSourceOnly(Rule rule) {
        List<String> reads = Syntax.reads(rule.syntax().root()).toList();
        boolean source = reads.stream()
                .anyMatch(path -> path.equals("source.address")
                        || path.equals("source.rawAddress")
                        || path.equals("request.startTime"));
        return source
                && reads.stream()
                        .filter(path -> !path.equals("request.startTime"))
                        .noneMatch(path -> BEYOND_SOURCE.contains(path.replaceFirst("\\..*", "")));
    }

    private void opens(Rule rule) {
        tell(
                LintRule.SOURCE_ONLY_ALLOW,
                rule,
                "allows by itself whoever comes from there or then: any one Allow suffices, so it opens where a Require"
                        + " narrows");
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
        if (!denies.isEmpty()
                && allows.isEmpty()
                && requires.isEmpty()
                && denies.stream().noneMatch(Rule::isAlways)) {
            tell(
                    LintRule.DENY_WITHOUT_ALLOW,
                    denies.get(0),
                    "stands among nothing but Deny rules: what they don't name is allowed");
        }
    }

    private void withoutToken(LintRule found, String refused, String nobody) {
        for (Rule deny : denies) {
            if (canFail(deny)) {
                String evaded = "fails without a token and is ignored then: leaving the token out evades it";
                tell(found, deny, deny.ignoresErrors() ? evaded : refused);
            }
        }
        requires.stream().filter(PoolRules::canFail).forEach(require -> tell(found, require, refused));
        if (allows.stream().noneMatch(rule -> outcomes(rule).contains(Outcome.TRUE))) {
            allows.stream().filter(PoolRules::canFail).forEach(allow -> tell(found, allow, nobody));
        }
    }

    private static boolean canFail(Rule rule) {
        return outcomes(rule).contains(Outcome.ERROR);
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
