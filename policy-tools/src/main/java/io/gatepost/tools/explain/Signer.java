package io.gatepost.tools.explain;

/** Whose key signs a made-up token: where two sets of policies trust other keys of one issuer, each has its own. */
public enum Signer {
    /** A key that both trust. */
    BOTH,
    /** A key that only the former policies trust. */
    BEFORE,
    /** A key that only the new policies trust. */
    NOW
}
