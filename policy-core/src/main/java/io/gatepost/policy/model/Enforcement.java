package io.gatepost.policy.model;

/** Whether what a policy says counts. */
public enum Enforcement {
    /** It counts. */
    ENFORCED,
    /** It is only reported what it would have said. */
    SHADOW
}
