package io.gatepost.policy.model;

/** What a request without a valid token may do ({@code docs/authentication.md#mode-token-outcome}). */
public enum JwtMode {
    /** A valid token is demanded. The default. */
    STRICT,
    /** No token passes without claims; an invalid one is refused. */
    OPTIONAL,
    /** Nothing is refused: without a valid token there are no claims, and an invalid token stays in the request. */
    PERMISSIVE
}
