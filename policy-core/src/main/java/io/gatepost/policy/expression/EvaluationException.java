package io.gatepost.policy.expression;

/**
 * An expression has no value for a request, such as when it reads an absent claim. Without a stack trace: it is data.
 */
public final class EvaluationException extends Exception {
    /**
     * Makes the exception.
     *
     * @param message why; no claim value, no token text
     */
    public EvaluationException(String message) {
        super(message, null, false, false);
    }
}
