package io.gatepost.policy.model;

import java.util.Objects;

/**
 * An expression's text and where it stands.
 *
 * @param text the expression, 1 to 16,384 characters
 * @param origin where its first character is written
 */
public record MatchExpression(String text, Origin origin) {
    public MatchExpression {
        Objects.requireNonNull(origin, "origin");
        if (text.isEmpty() || text.length() > 16_384) {
            throw new IllegalArgumentException("expected 1 to 16384 characters, found " + text.length());
        }
    }
}
