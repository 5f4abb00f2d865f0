package io.gatepost.policy.document;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.Diagnostic.Severity;
import io.gatepost.policy.diagnostic.Origin;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what documents say wrongly or doubtfully. Not thread-safe. */
public final class Findings {
    /** By file, then by position in the file. */
    public static final Comparator<Diagnostic> BY_POSITION = Comparator.comparing(
                    (Diagnostic found) -> found.origin().source())
            .thenComparingInt(found -> found.origin().line())
            .thenComparingInt(found -> found.origin().column());

    private final List<Diagnostic> found = new ArrayList<>();
    private final List<Diagnostic> notEnforced = new ArrayList<>();
    private final List<Diagnostic> doubts = new ArrayList<>();
    private final Severity unsupported;
    private int errors;

    /**
     * Starts without findings.
     *
     * @param unsupported how grave something is that agentgateway knows and Gatepost does not enforce
     */
    public Findings(Severity unsupported) {
        this.unsupported = unsupported;
    }

    /**
     * Adds an error.
     *
     * @param origin where
     * @param message what and the cure
     */
    public void error(Origin origin, String message) {
        add(Diagnostic.error(origin, message));
    }

    /**
     * Adds a warning.
     *
     * @param origin where
     * @param message what and the cure
     */
    public void warning(Origin origin, String message) {
        add(Diagnostic.warning(origin, message));
    }

    /**
     * Adds a warning that documents may be missing, and with them what should guard something.
     *
     * @param origin where
     * @param message what and the cure
     */
    public void doubt(Origin origin, String message) {
        Diagnostic diagnostic = Diagnostic.warning(origin, message);
        doubts.add(diagnostic);
        add(diagnostic);
    }

    /**
     * Adds that something is known to agentgateway, and is not enforced here.
     *
     * @param origin where
     * @param message what
     */
    public void unsupported(Origin origin, String message) {
        Diagnostic diagnostic = new Diagnostic(unsupported, origin, message);
        notEnforced.add(diagnostic);
        add(diagnostic);
    }

    private void add(Diagnostic diagnostic) {
        found.add(diagnostic);
        errors += diagnostic.isError() ? 1 : 0;
    }

    /** Everything so far, to be handed to {@link #warnSince}. */
    int mark() {
        return found.size();
    }

    /** Takes for warnings what was found since, as of something that is not enforced. */
    void warnSince(int mark) {
        found.subList(mark, found.size()).replaceAll(Findings::asWarning);
        notEnforced.replaceAll(one -> found.contains(one) ? one : asWarning(one));
        errors = (int) found.stream().filter(Diagnostic::isError).count();
    }

    private static Diagnostic asWarning(Diagnostic one) {
        return Diagnostic.warning(one.origin(), one.message());
    }

    /**
     * How many errors there are so far.
     *
     * @return their number
     */
    public int errors() {
        return errors;
    }

    /**
     * What is known to agentgateway and not enforced here, of all that was found.
     *
     * @return errors or warnings, as it was said at the beginning
     */
    public List<Diagnostic> notEnforced() {
        return List.copyOf(notEnforced);
    }

    /**
     * What was found that leaves it open whether documents are missing.
     *
     * @return warnings
     */
    public List<Diagnostic> doubts() {
        return List.copyOf(doubts);
    }

    /**
     * What was found.
     *
     * @return errors and warnings, {@link #BY_POSITION}
     */
    public List<Diagnostic> diagnostics() {
        return found.stream().sorted(BY_POSITION).toList();
    }
}
