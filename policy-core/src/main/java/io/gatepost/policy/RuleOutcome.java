package io.gatepost.policy;

import io.gatepost.policy.Authorizer.Case;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.expression.CompiledExpression.SubExpression;
import io.gatepost.policy.expression.EvaluationContext;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.ObjectName;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one expression came to in one decision. Immutable; equal to that of the same rule in the same decision. */
public final class RuleOutcome {
    private final Rule rule;
    private final Result result;
    private final @Nullable String error;
    private final Case judged;

    RuleOutcome(Rule rule, Result result, @Nullable String error, Case judged) {
        this.rule = rule;
        this.result = result;
        this.error = error;
        this.judged = judged;
    }

    @Nullable
    String requestModel() {
        return judged.context().requestModel();
    }

    /** What an expression came to. */
    public enum Result {
        /** It held. */
        MATCHED,
        /** It did not hold. */
        NOT_MATCHED,
        /** It could not be evaluated. */
        FAILED
    }

    /**
     * A part of the expression and what it came to, such as {@code jwt.sub} and {@code "bob"}.
     *
     * @param text the part
     * @param origin where it is written
     * @param value its value as one line of at most some 200 characters, or {@code <redacted>}
     * @param decisive whether the expression came out as it did because of this part: of {@code a && b} that does not
     *     hold, each that does not
     * @param reads paths of what its value comes from, such as {@code jwt.email}
     */
    public record Part(String text, Origin origin, String value, boolean decisive, Set<String> reads) {
        public Part {
            reads = Set.copyOf(reads);
        }

        @Override
        public String toString() {
            return "`" + text + "` was " + value;
        }
    }

    /**
     * The policy it belongs to.
     *
     * @return the policy's name
     */
    public ObjectName policy() {
        return rule.policy();
    }

    /**
     * What it means that it holds.
     *
     * @return the action
     */
    public AuthorizationAction action() {
        return rule.action();
    }

    /**
     * The expression's text and where it is written.
     *
     * @return the expression
     */
    public MatchExpression expression() {
        return rule.source();
    }

    /**
     * What it came to.
     *
     * @return the result
     */
    public Result result() {
        return result;
    }

    /**
     * Why it could not be evaluated; names no claim value.
     *
     * @return the reason, or null unless {@link #result} is {@code FAILED}
     */
    public @Nullable String error() {
        return error;
    }

    /**
     * What the expression's parts came to. Evaluates it once more, so ask only where someone wants to know, and only
     * while the request is being handled: a listener may ask. The explanations of one request have a budget together
     * like that of its decision ({@link EvaluationContext#STEPS}); of those beyond it some parts are missing. What
     * {@link PolicyEngine.Builder#redact} names is not shown, nor is any token; other values of claims are, so that it
     * is a choice to write them to a log.
     *
     * @return the parts that were evaluated, inner ones before outer ones; empty where the expression language does not
     *     tell
     */
    public List<Part> parts() {
        return rule
                .compiled()
                .subExpressions(
                        judged.request(), judged.token(), judged.context().ofExplanations())
                .stream()
                .map(this::part)
                .toList();
    }

    private Part part(SubExpression part) {
        return new Part(
                part.text(),
                rule.source().at(part.line(), part.column()),
                rule.redaction().show(part),
                part.decisive(),
                part.reads());
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // each decision has a case of its own, each engine its rules
    public boolean equals(@Nullable Object other) {
        return other instanceof RuleOutcome outcome && rule == outcome.rule && judged == outcome.judged;
    }

    @Override
    public int hashCode() {
        return 31 * System.identityHashCode(rule) + System.identityHashCode(judged);
    }

    @Override
    public String toString() {
        return "`" + rule.source().text() + "` " + (error == null ? result : result + " (" + error + ")");
    }
}
