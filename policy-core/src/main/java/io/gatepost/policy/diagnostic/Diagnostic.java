package io.gatepost.policy.diagnostic;

import java.util.Collection;
import java.util.Objects;
import java.util.Optional;

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
     * Words the cure for a name that is not known.
     *
     * @param written the name that is not known
     * @param known the names that are
     * @return {@code ; did you mean `x`?} with the nearest of them, to be put behind a message; empty where none is
     *     near
     */
    public static String didYouMean(String written, Collection<String> known) {
        return probablyMeant(written, known)
                .map(name -> "; did you mean `" + name + "`?")
                .orElse("");
    }

    /**
     * The known name that an unknown one was probably meant to be, for a message that words its cure itself.
     *
     * @param written the name that is not known
     * @param known the names that are
     * @return the nearest of them in which about one letter in three differs, or fewer, whatever their case; empty
     *     where there is none
     */
    public static Optional<String> probablyMeant(String written, Collection<String> known) {
        return probablyMeant(written, known, Integer.MAX_VALUE);
    }

    /**
     * The same, where fewer letters may differ.
     *
     * @param written the name that is not known
     * @param known the names that are
     * @param most how many letters may differ at most; a swap of two neighbours counts as one
     * @return the nearest of them, or empty where none is near enough
     */
    public static Optional<String> probablyMeant(String written, Collection<String> known, int most) {
        return Suggestions.nearest(written, known, most);
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
