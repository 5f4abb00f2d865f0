package io.gatepost.policy.keys;

/** A text that is no key set, or one that must not be used. The message names no key material. */
public final class InvalidKeySetException extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidKeySetException(String message) {
        super(message);
    }
}
