package io.gatepost.policy.cel;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something that an expression holds a value against: for tools that look for requests which it judges differently.
 * Immutable.
 *
 * @param path the value that is read, such as {@code jwt.sub} or {@code request.headers.x-team}; {@code []} stands for
 *     an element of a list, as in {@code jwt.groups[].name}; a member of the body is {@code llm.params.NAME}, however
 *     it is read
 * @param relation how it is held against the literal
 * @param literal a string, {@code Long}, {@code Double}, boolean or null as the expression writes it; for
 *     {@link Relation#SAME} and {@link Relation#SAME_ELEMENT} the other path
 */
public record Comparison(
        String path, Relation relation, @Nullable Object literal) {
    public Comparison {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(relation, "relation");
    }

    /** How a value is held against another. */
    public enum Relation {
        /** Whether it is there at all. */
        PRESENT,
        /** Whether it is true. */
        TRUE,
        /** Whether it equals the literal, or one of a list. */
        EQUAL,
        /** Whether it is smaller or greater than the literal. */
        ORDER,
        /** Whether its length is the literal, or smaller or greater. */
        SIZE,
        /** Whether it begins with the literal. */
        STARTS_WITH,
        /** Whether it ends with the literal. */
        ENDS_WITH,
        /** Whether the literal occurs in it. */
        CONTAINS,
        /** Whether it matches the literal, a regular expression. */
        MATCHES,
        /** Whether it is a list with the literal in it. */
        ELEMENT,
        /** Whether it equals what stands at the other path, or an element of it. */
        SAME,
        /** Whether it is a list with what stands at the other path in it. */
        SAME_ELEMENT,
        /** It goes with the literal into a function of another kind, such as a range of addresses. */
        OTHER
    }
}
