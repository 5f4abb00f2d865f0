package io.gatepost.policy.diagnostic;

import java.util.Objects;

/**
 * One thing that a document says wrongly or doubtfully, and where.
 *
 * @param severity whether the document can be used
 * @param origin where it is written
 * @param message what is wrong and, where known, the cure; one line, no secret, no token
 */
public record Diagnostic(Severity severity, Origin origin, String message) {
    /** How grave a {@link Diagnostic} is. */
    public enum Severity {
        /** The document must not be used. */
        ERROR,
        /** The document can be used, but probably says something that its author did not mean. */
        WARNING
    }

    public Diagnostic {
        Objects.requireNonNull(severity, "severity");
        Objects.requireNonNull(origin, "origin");
        Objects.requireNonNull(message, "message");
    }

    /**
     * An error.
     *
     * @param origin where
     * @param message what and the cure
     * @return the diagnostic
     */
    public static Diagnostic error(Origin origin, String message) {
        return new Diagnostic(Severity.ERROR, origin, message);
    }

    /**
     * A warning.
     *
     * @param origin where
     * @param message what and the cure
     * @return the diagnostic
     */
    public static Diagnostic warning(Origin origin, String message) {
        return new Diagnostic(Severity.WARNING, origin, message);
    }

    /**
     * Whether the document must not be used.
     *
     * @return true for an error
     */
    public boolean isError() {
        return severity == Severity.ERROR;
    }

    /** {@code file:line:col: path: message}, a warning {@code file:line:col: warning: path: message}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        if (!origin.source().isEmpty()) {
            text.append(origin.place()).append(": ");
        }
        if (severity == Severity.WARNING) {
            text.append("warning: ");
        }
        if (!origin.path().isEmpty()) {
            text.append(origin.path()).append(": ");
        }
        return text.append(message).toString();
    }
}
