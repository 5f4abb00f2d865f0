package io.gatepost.policy.model;

/** What an evaluation error in a Deny expression does ({@code onEvaluationError} beside {@code action}). */
public enum EvaluationErrorPolicy {
    /** It denies. The default, other than in the original. */
    DENY,
    /** It counts as not matched, as in the original. */
    IGNORE
}
