package io.gatepost.tools.suite;

/**
 * A request's JSON does not have the shape it must have. The message says which member is wrong, and holds nothing of
 * it.
 */
public final class UnreadableRequestException extends Exception {
    /** @param message which member is wrong */
    public UnreadableRequestException(String message) {
        super(message, null, false, false);
    }
}
