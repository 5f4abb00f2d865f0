package io.gatepost.policy.model;

/** What it means that an expression of an {@link Authorization} holds ({@code docs/semantics.md#rules}). */
public enum AuthorizationAction {
    /** One of all Allow expressions must hold, where there are any. The default. */
    ALLOW,
    /** None may hold. */
    DENY,
    /** Every one must hold. */
    REQUIRE
}
