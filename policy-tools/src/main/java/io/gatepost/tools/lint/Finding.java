package io.gatepost.tools.lint;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.Origin;
import java.util.Comparator;
import java.util.Objects;

/**
 * One thing that was found.
 *
 * @param rule what is wrong with it
 * @param origin where it is written
 * @param anchor where the value starts that {@code origin} lies in: a comment there accepts it too
 * @param message what was found, in one sentence
 */
public record Finding(LintRule rule, Origin origin, Origin anchor, String message) {
    /** The order of a report: by file, then by position. */
    public static final Comparator<Finding> BY_POSITION = Comparator.comparing(
                    (Finding finding) -> finding.origin().source())
            .thenComparing(finding -> finding.origin().line())
            .thenComparing(finding -> finding.origin().column())
            .thenComparing(finding -> finding.rule().id());

    public Finding {
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(origin, "origin");
        Objects.requireNonNull(anchor, "anchor");
        Objects.requireNonNull(message, "message");
    }

    /**
     * What was found at the start of a value.
     *
     * @param rule what is wrong with it
     * @param origin where it is written
     * @param message what was found, in one sentence
     */
    public Finding(LintRule rule, Origin origin, String message) {
        this(rule, origin, origin, message);
    }

    /**
     * What reading or validating a document told.
     *
     * @param diagnostic the diagnostic
     * @return the same as a finding
     */
    public static Finding of(Diagnostic diagnostic) {
        return new Finding(
                diagnostic.isError() ? LintRule.INVALID_DOCUMENT : LintRule.DOUBTFUL_DOCUMENT,
                diagnostic.origin(),
                diagnostic.message());
    }

    /**
     * How grave it is.
     *
     * @return its rule's level
     */
    public Level level() {
        return rule.level();
    }

    /**
     * The finding as one line.
     *
     * @return {@code file:line:col: level: message (id)}
     */
    @Override
    public String toString() {
        String place = origin.place();
        return (place.isEmpty() ? "" : place + ": ") + level() + ": " + message + " (" + rule.id() + ")";
    }
}
