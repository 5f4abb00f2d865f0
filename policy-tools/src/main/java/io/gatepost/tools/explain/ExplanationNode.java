package io.gatepost.tools.explain;

import io.gatepost.policy.diagnostic.Origin;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One line of an explanation and what stands behind it. Immutable.
 *
 * @param kind what it is about
 * @param text what it says, in one line, without a token
 * @param value what a part of an expression came to, or {@code <redacted>}; null for all other kinds
 * @param mark whether it spoke for the request
 * @param decisive whether the decision came out as it did because of it
 * @param origin where it is written; {@link Origin#CODE} for nowhere
 * @param children what it consists of
 */
public record ExplanationNode(
        Kind kind,
        String text,
        @Nullable String value,
        Mark mark,
        boolean decisive,
        Origin origin,
        List<ExplanationNode> children) {
    public ExplanationNode {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(mark, "mark");
        Objects.requireNonNull(origin, "origin");
        children = List.copyOf(children);
    }

    /** What a node is about. */
    public enum Kind {
        /** A heading. */
        GROUP,
        /** A part of the effective policy. */
        POLICY,
        /** A check of the token. */
        CHECK,
        /** An expression of a rule. */
        RULE,
        /** A part of an expression. */
        PART
    }

    /** Whether something spoke for the request. */
    public enum Mark {
        /** It spoke for the request. */
        PASSED,
        /** It spoke against it. */
        FAILED,
        /** It was not asked. */
        NOT_ASKED,
        /** It says something and decides nothing. */
        NOTE
    }

    static ExplanationNode group(String text, List<ExplanationNode> children) {
        return new ExplanationNode(Kind.GROUP, text, null, Mark.NOTE, false, Origin.CODE, children);
    }
}
