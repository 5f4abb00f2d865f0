package io.gatepost.policy.model;

/** How a policy meets more specific ones of the same request ({@code spec.strategy.inheritance}). */
public enum Inheritance {
    /** A more specific policy replaces authentication and adds its rules. */
    DEFAULT,
    /** More specific policies of the same field are ignored. */
    OVERRIDE
}
