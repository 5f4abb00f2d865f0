package io.gatepost.policy.keys;

/** A text that is no key set, or one that must not be used. The message names no key material. */
final class InvalidKeySetException extends Exception {
    InvalidKeySetException(String message) {
        super(message);
    }
}
