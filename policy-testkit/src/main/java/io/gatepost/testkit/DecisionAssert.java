package io.gatepost.testkit;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.RuleOutcome;
import io.gatepost.policy.VerifiedToken;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Assertions on a {@link Decision}. What fails tells what was decided and why, with the values that decided. */
public final class DecisionAssert extends AbstractAssert<DecisionAssert, Decision> {
    DecisionAssert(Decision decision) {
        super(decision, DecisionAssert.class);
    }

    /**
     * The request may go on.
     *
     * @return this
     */
    public DecisionAssert isAllowed() {
        return check(actual instanceof Decision.Allow, "to be allowed");
    }

    /**
     * The request is refused.
     *
     * @return this
     */
    public DecisionAssert isDenied() {
        return check(actual instanceof Decision.Deny, "to be denied");
    }

    /**
     * The request is refused for a reason.
     *
     * @param reason the reason
     * @return this
     */
    public DecisionAssert because(DenyReason reason) {
        return check(
                actual instanceof Decision.Deny deny && deny.reason() == reason, "to be denied because of " + reason);
    }

    /**
     * The request is refused with a status.
     *
     * @param status the HTTP status
     * @return this
     */
    public DecisionAssert hasStatus(int status) {
        return check(
                actual instanceof Decision.Deny deny && deny.reason().status() == status,
                "to be denied with status " + status);
    }

    /**
     * The refusal has a challenge (RFC 6750 section 3).
     *
     * @param part what {@code WWW-Authenticate} contains, such as {@code error="invalid_token"}
     * @return this
     */
    public DecisionAssert hasChallengeContaining(String part) {
        String challenge = actual instanceof Decision.Deny deny ? deny.challenge() : null;
        return check(challenge != null && challenge.contains(part), "to have a challenge with `" + part + "`");
    }

    /**
     * There is no challenge: the request is allowed, or no other token would help.
     *
     * @return this
     */
    public DecisionAssert hasNoChallenge() {
        return check(!(actual instanceof Decision.Deny deny) || deny.challenge() == null, "to have no challenge");
    }

    /**
     * An expression decided, alone or with others.
     *
     * @param text the expression's text, white space aside
     * @return this
     */
    public DecisionAssert byRule(String text) {
        String wanted = withoutBlanks(text);
        return check(
                actual.explanation().decisive().stream()
                        .anyMatch(
                                rule -> withoutBlanks(rule.expression().text()).equals(wanted)),
                "to be decided by `" + text + "`");
    }

    /**
     * No expression decided: the token did, or its absence, or there are no rules.
     *
     * @return this
     */
    public DecisionAssert byNoRule() {
        return check(actual.explanation().decisive().isEmpty(), "to be decided by no rule");
    }

    /**
     * A token was verified, and has a subject.
     *
     * @param subject its {@code sub}
     * @return this
     */
    public DecisionAssert hasSubject(String subject) {
        VerifiedToken token = actual.token();
        return check(token != null && subject.equals(token.subject()), "to be about the subject `" + subject + "`");
    }

    /**
     * A token was verified, and has a claim.
     *
     * @param name the claim
     * @param value its value, as {@link VerifiedToken#claims} has it
     * @return this
     */
    public DecisionAssert hasClaim(String name, @Nullable Object value) {
        VerifiedToken token = actual.token();
        return check(
                token != null
                        && token.claims().containsKey(name)
                        && Objects.equals(token.claims().get(name), value),
                "to have the claim `" + name + "` with that value");
    }

    /**
     * The explanation's summary contains a text.
     *
     * @param part the text
     * @return this
     */
    public DecisionAssert hasExplanationContaining(String part) {
        return check(actual.explanation().summary().contains(part), "to have an explanation with `" + part + "`");
    }

    private DecisionAssert check(boolean holds, String expected) {
        isNotNull();
        if (!holds) {
            failWithMessage("expected %s, but it was %s", expected, told(actual));
        }
        return this;
    }

    /** What was decided, and why. */
    static String told(Decision decision) {
        List<RuleOutcome> decisive = decision.explanation().decisive();
        return (decision instanceof Decision.Deny deny
                        ? "denied because of " + deny.reason() + " ("
                                + deny.reason().status() + ")"
                        : "allowed")
                + "\nwhy: " + decision.explanation().summary()
                + decisive.stream()
                        .flatMap(rule -> rule.parts().stream())
                        .map(part -> "\n    " + part)
                        .collect(Collectors.joining());
    }

    private static String withoutBlanks(String text) {
        return text.replaceAll("\\s+", "");
    }
}
