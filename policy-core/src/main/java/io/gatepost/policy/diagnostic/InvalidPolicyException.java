package io.gatepost.policy.diagnostic;

import java.util.List;
import java.util.stream.Collectors;

/** A document or a set of policies that must not be used. Carries every problem that was found, not just the first. */
public final class InvalidPolicyException extends RuntimeException {
    private final transient List<Diagnostic> diagnostics;

    /**
     * Makes the exception for all that was found.
     *
     * @param diagnostics the errors, and the warnings beside them; at least one is an error
     */
    public InvalidPolicyException(List<Diagnostic> diagnostics) {
        super(diagnostics.stream().map(Diagnostic::toString).collect(Collectors.joining("\n")));
        this.diagnostics = List.copyOf(diagnostics);
    }

    /**
     * What was found, in the order of the documents.
     *
     * @return errors and warnings
     */
    public List<Diagnostic> diagnostics() {
        return diagnostics;
    }
}
