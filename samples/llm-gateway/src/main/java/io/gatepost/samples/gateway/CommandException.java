package io.gatepost.samples.gateway;

/** Ends a command with exit code 1; the message is the user's, printed as it stands. */
final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CommandException(String message) {
        super(message);
    }
}
