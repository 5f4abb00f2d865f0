package io.gatepost.policy.forward;

import java.util.Objects;

/** What an upstream gets as its {@code Authorization}. The text form of none of these holds a secret. */
public sealed interface UpstreamCredential {
    /** What the client sent there, unless it was verified as the client's own credential. */
    UpstreamCredential NONE = new None();

    /** The verified token of the client, as a bearer token; nothing where there is none. */
    UpstreamCredential PASSTHROUGH = new Passthrough();

    /** Nothing of the gateway's own. */
    record None() implements UpstreamCredential {}

    /** The client's verified token. */
    record Passthrough() implements UpstreamCredential {}

    /**
     * A secret of the gateway's, as a bearer token, instead of whatever the client sent.
     *
     * @param secret printable ASCII without blanks
     */
    record Bearer(String secret) implements UpstreamCredential {
        public Bearer {
            Objects.requireNonNull(secret, "secret");
            if (secret.isEmpty() || !secret.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
                throw new IllegalArgumentException("an upstream's secret is printable ASCII without blanks");
            }
        }

        @Override
        public String toString() {
            return "Bearer[redacted]";
        }
    }
}
