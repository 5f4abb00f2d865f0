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

    private final List<RuleSyntax> allows;
    private final List<RuleSyntax> denies;
    private final List<RuleSyntax> requires;
    private final Consumer<Finding> findings;

    private PoolRules(List<RuleSyntax> rules, Consumer<Finding> findings) {
        allows = of(AuthorizationAction.ALLOW, rules);
        denies = of(AuthorizationAction.DENY, rules);
        requires = of(AuthorizationAction.REQUIRE, rules);
        this.findings = findings;
    }

    private static List<RuleSyntax> of(AuthorizationAction action, List<RuleSyntax> rules) {
        return rules.stream().filter(rule -> rule.action() == action).toList();
    }

    /**
     * @param policies the policies
     * @param tokens what is known of the tokens there
     * @param alone whether nothing else than these restricts who gets there
     */
    static void check(List<TrafficPolicy> policies, AcceptedTokens tokens, boolean alone, Consumer<Finding> findings) {
        List<RuleSyntax> all = policies.stream()
                .flatMap(policy -> RuleSyntax.of(policy).stream())
                .toList();
        all.forEach(rule -> TrustRules.check(rule, tokens, findings));
        all.forEach(rule -> ClaimUseRules.check(rule, tokens, findings));
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
    private static boolean looksAtSourceOnly(RuleSyntax rule) {
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

    private void opens(RuleSyntax rule) {
        tell(
                LintRule.SOURCE_ONLY_ALLOW,
                rule,
                "allows by itself whoever comes from there or then: any one Allow suffices, so it opens where a Require"
                        + " narrows");
    }

    private void algebra() {
        List<RuleSyntax> open = allows.stream().filter(RuleSyntax::isOpen).toList();
        shadowed(open);
        duplicates(denies);
        duplicates(requires);
        List<RuleSyntax> openDenies = denies.stream().filter(RuleSyntax::isOpen).toList();
        List<RuleSyntax> openRequires =
                requires.stream().filter(RuleSyntax::isOpen).toList();
        for (RuleSyntax allow : open) {
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
            RuleSyntax require = openRequires.get(i);
            first(
                    require,
                    openRequires.subList(0, i),
                    require::excludes,
                    LintRule.CONTRADICTORY_RULES,
                    "can't hold together with the Require ");
        }
        for (RuleSyntax require : openRequires) {
            first(
                    require,
                    openDenies,
                    deny -> deny.isImpliedBy(require),
                    LintRule.CONTRADICTORY_RULES,
                    "is always overruled by the Deny ");
        }
    }

    private void first(
            RuleSyntax rule,
            List<RuleSyntax> others,
            java.util.function.Predicate<RuleSyntax> meets,
            LintRule found,
            String message) {
        others.stream().filter(meets).findFirst().ifPresent(other -> tell(found, rule, message + shown(other)));
    }

    /** Of rules of which any suffices, those that hold only where another one does; of equal ones the later. */
    private void shadowed(List<RuleSyntax> rules) {
        for (int i = 0; i < rules.size(); i++) {
            for (int j = 0; j < rules.size(); j++) {
                RuleSyntax rule = rules.get(i);
                RuleSyntax other = rules.get(j);
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

    private void duplicates(List<RuleSyntax> rules) {
        List<RuleSyntax> open = rules.stream().filter(RuleSyntax::isOpen).toList();
        for (int i = 1; i < open.size(); i++) {
            RuleSyntax rule = open.get(i);
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
                && denies.stream().noneMatch(RuleSyntax::isAlways)) {
            tell(
                    LintRule.DENY_WITHOUT_ALLOW,
                    denies.get(0),
                    "stands among nothing but Deny rules: what they don't name is allowed");
        }
    }

    private void withoutToken(LintRule found, String refused, String nobody) {
        for (RuleSyntax deny : denies) {
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

    private static boolean canFail(RuleSyntax rule) {
        return outcomes(rule).contains(Outcome.ERROR);
    }

    private static Set<Outcome> outcomes(RuleSyntax rule) {
        return Anonymous.outcomes(rule.syntax());
    }

    private static String shown(RuleSyntax rule) {
        Origin origin = rule.syntax().expression().origin();
        String place = origin.source().isEmpty() ? "" : " (line " + origin.line() + ")";
        return "`" + rule.syntax().expression().text().strip() + "`" + place;
    }

    private void tell(LintRule found, RuleSyntax rule, String message) {
        Origin origin = rule.syntax().expression().origin();
        findings.accept(new Finding(
                found, origin, "`" + rule.syntax().expression().text().strip() + "` " + message));
    }
}
