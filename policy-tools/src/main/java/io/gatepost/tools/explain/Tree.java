package io.gatepost.tools.explain;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.RuleOutcome;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.token.TokenExamination;
import io.gatepost.policy.token.TokenExamination.Check;
import io.gatepost.tools.explain.ExplanationNode.Kind;
import io.gatepost.tools.explain.ExplanationNode.Mark;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes the tree of one decision. Immutable. */
record Tree(boolean claimsGiven, Discretion discretion) {
    List<ExplanationNode> of(Guard guard, Judge.Outcome outcome, TokenExamination early, TokenExamination late) {
        List<ExplanationNode> groups = new ArrayList<>();
        boolean both = !guard.preRouting().policies().isEmpty();
        if (both) {
            groups.addAll(phase(" before routing", guard.preRouting(), outcome.early(), early));
        }
        Decision decision = both ? outcome.late() : outcome.decision();
        groups.addAll(phase(both ? " after routing" : "", guard.postRouting(), decision, late));
        return groups;
    }

    /** @param decision null where the phase was not asked */
    List<ExplanationNode> phase(
            String when, EffectivePolicy policy, @Nullable Decision decision, TokenExamination token) {
        List<ExplanationNode> groups = new ArrayList<>();
        groups.add(ExplanationNode.group(
                "policy" + when, policy.policies().isEmpty() ? List.of(note("no policy applies")) : parts(policy)));
        if (decision == null) {
            groups.add(ExplanationNode.group("decision" + when, List.of(note("not asked: refused already"))));
            return groups;
        }
        if (decision instanceof Decision.Deny deny && deny.reason() == DenyReason.REQUEST_MALFORMED) {
            groups.add(ExplanationNode.group(
                    "request" + when,
                    List.of(new ExplanationNode(
                            Kind.CHECK,
                            deny.explanation().summary(),
                            null,
                            Mark.FAILED,
                            true,
                            Origin.CODE,
                            List.of()))));
            return groups;
        }
        JwtAuthentication jwt = policy.jwtAuthentication();
        if (jwt != null) {
            groups.add(ExplanationNode.group("token" + when, claimsGiven ? given() : checks(jwt, decision, token)));
        }
        if (!policy.authorizing().isEmpty()) {
            groups.add(ExplanationNode.group("rules" + when, rules(policy, decision)));
        }
        List<ExplanationNode> shadows = decision.explanation().shadows().stream()
                .map(shadow -> note("policy " + shadow.policy() + ", which is not enforced, would "
                        + (shadow.reason() == null
                                ? "allow it"
                                : "refuse it, " + shadow.reason().name().toLowerCase(Locale.ROOT) + ": "
                                        + shadow.summary())))
                .toList();
        if (!shadows.isEmpty()) {
            groups.add(ExplanationNode.group("shadow" + when, shadows));
        }
        return groups;
    }

    private static ExplanationNode note(String text) {
        return new ExplanationNode(Kind.POLICY, text, null, Mark.NOTE, false, Origin.CODE, List.of());
    }

    private static List<ExplanationNode> given() {
        return List.of(note("claims were given in place of a token; nothing was verified"));
    }

    private static List<ExplanationNode> parts(EffectivePolicy policy) {
        return policy.parts().stream()
                .map(part ->
                        new ExplanationNode(Kind.POLICY, part.text(), null, Mark.NOTE, false, part.origin(), List.of()))
                .toList();
    }

    private List<ExplanationNode> checks(JwtAuthentication jwt, Decision decision, TokenExamination token) {
        List<ExplanationNode> nodes = new ArrayList<>();
        DenyReason reason = decision instanceof Decision.Deny deny ? deny.reason() : null;
        boolean told = false;
        for (Check check : discretion.checks(token)) {
            boolean decisive = !told && check.reason() != null && check.reason() == reason;
            told |= decisive;
            nodes.add(node(check, decisive));
        }
        boolean failed = token.checks().stream().anyMatch(check -> check.result() == TokenExamination.Result.FAILED);
        if (failed && !told && jwt.mode() != JwtMode.STRICT) {
            String mode =
                    jwt.mode().name().charAt(0) + jwt.mode().name().substring(1).toLowerCase(Locale.ROOT);
            nodes.add(note("goes on without a token: the mode is " + mode));
        }
        return nodes;
    }

    private ExplanationNode node(Check check, boolean decisive) {
        Mark mark = switch (check.result()) {
            case PASSED -> Mark.PASSED;
            case FAILED -> Mark.FAILED;
            case NOT_MADE -> Mark.NOT_ASKED;
        };
        String text = switch (check.result()) {
            case PASSED -> check.name() + ": " + found(check) + " (expected " + check.expected() + ")";
            case FAILED -> check.name() + ": expected " + check.expected() + "; found " + found(check);
            case NOT_MADE -> check.name() + ": " + check.found();
        };
        return new ExplanationNode(Kind.CHECK, text, null, mark, decisive, check.origin(), List.of());
    }

    private static String found(Check check) {
        return check.found().isEmpty() ? Discretion.REDACTED : check.found();
    }

    private List<ExplanationNode> rules(EffectivePolicy policy, Decision decision) {
        List<RuleOutcome> asked = decision.explanation().rules();
        List<RuleOutcome> decisive = decision.explanation().decisive();
        List<ExplanationNode> nodes = new ArrayList<>();
        asked.forEach(rule -> nodes.add(rule(rule, decisive.contains(rule))));
        for (TrafficPolicy authorizing : policy.authorizing()) {
            AuthorizationAction action =
                    Objects.requireNonNull(authorizing.authorization()).action();
            for (MatchExpression expression : authorizing.authorization().matchExpressions()) {
                boolean known = asked.stream()
                        .anyMatch(rule -> rule.expression().equals(expression) && rule.action() == action);
                if (!known) {
                    String text = text(action, expression) + " of " + authorizing.name() + ": not asked";
                    nodes.add(new ExplanationNode(
                            Kind.RULE, text, null, Mark.NOT_ASKED, false, expression.origin(), List.of()));
                }
            }
        }
        return nodes;
    }

    private ExplanationNode rule(RuleOutcome rule, boolean decisive) {
        boolean holds = rule.result() == RuleOutcome.Result.MATCHED;
        boolean denies = rule.action() == AuthorizationAction.DENY;
        Mark mark = rule.result() == RuleOutcome.Result.FAILED
                ? (decisive || !denies ? Mark.FAILED : Mark.NOTE)
                : holds != denies ? Mark.PASSED : Mark.FAILED;
        String result =
                rule.error() != null ? "can't be evaluated: " + rule.error() : holds ? "holds" : "does not hold";
        String text = text(rule.action(), rule.expression()) + " of " + rule.policy() + ": " + result;
        return new ExplanationNode(
                Kind.RULE,
                text,
                null,
                mark,
                decisive,
                rule.expression().origin(),
                rule.parts().stream().map(part -> part(part, decisive)).toList());
    }

    private ExplanationNode part(RuleOutcome.Part part, boolean ruleDecides) {
        return new ExplanationNode(
                Kind.PART,
                part.text(),
                discretion.value(part),
                Mark.NOTE,
                ruleDecides && part.decisive(),
                part.origin(),
                List.of());
    }

    private static String text(AuthorizationAction action, MatchExpression expression) {
        String word = action.name().charAt(0) + action.name().substring(1).toLowerCase(Locale.ROOT);
        return word + " `" + expression.text().strip().replaceAll("\\s*\\R\\s*", " ") + "`";
    }
}
