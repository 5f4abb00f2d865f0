package io.gatepost.policy.model;

/** When a policy is applied. The two phases never merge: where both have policies, both must pass. */
public enum Phase {
    /** Before a route is chosen; for gateways and their listeners only. */
    PRE_ROUTING,
    /** After a route was chosen; the default. */
    POST_ROUTING
}
