package io.gatepost.tools.explain;

import java.util.Objects;

/**
 * Something that would have to differ. Immutable.
 *
 * @param kind what it is about
 * @param name which one: a claim's path, a header's name, the place of a rule; empty where the kind says it all
 * @param text what would have to be, in one line; values as policies write them, no token
 */
public record Change(Kind kind, String name, String text) {
    public Change {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(text, "text");
    }

    /** What a change is about, in the order in which changes of one size are preferred. */
    public enum Kind {
        /** Another credential: none was given, or not one that can be verified. */
        CREDENTIAL,
        /** The same token, made anew or used later. */
        FRESHNESS,
        /** Another time. */
        TIME,
        /** Another client. */
        SOURCE,
        /** A claim that is missing, or that should not be there. */
        CLAIM_PRESENCE,
        /** Another value of a claim. */
        CLAIM,
        /** Another header, or none. */
        HEADER,
        /** Another method, path, query or body. */
        REQUEST,
        /** Keys that can be read. */
        KEYS,
        /** Another rule, for this subject only: a change of the policy. */
        POLICY
    }

    @Override
    public String toString() {
        return text;
    }
}
