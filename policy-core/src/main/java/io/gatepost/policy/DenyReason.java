package io.gatepost.policy;

import io.gatepost.policy.keys.KeySources;
import org.jspecify.annotations.Nullable;

/**
 * Every way to say no: its status, its RFC 6750 error code and what the client is told. What exactly was wrong stands
 * in the {@link Explanation} and never goes to the client.
 */
public enum DenyReason {
    /**
     * The request can be read in two ways: a path with dot segments, backslashes or control characters. Look at the
     * client or the proxy in front.
     */
    REQUEST_MALFORMED(400, "invalid_request", "the request is malformed"),
    /**
     * More than one credential, or one in a form that RFC 6750 section 3.1 forbids. Look for a proxy that adds a second
     * Authorization header.
     */
    CREDENTIAL_AMBIGUOUS(400, "invalid_request", "the request has more than one credential"),
    /** No token where one is demanded (RFC 6750 section 3.1: a challenge without an error code). */
    TOKEN_MISSING(401, null, "a bearer token is required"),
    /** The credential is not a signed JWT in compact form (RFC 7515 section 7.1), or longer than the limit. */
    TOKEN_MALFORMED(401, "invalid_token", "the access token is invalid"),
    /** The token's issuer is none of the providers' (RFC 8725 section 3.8). Look at the providers' {@code issuer}. */
    ISSUER_UNTRUSTED(401, "invalid_token", "the access token is invalid"),
    /** No key of the issuer fits the token's {@code kid} and {@code alg}. Look at the issuer's key rotation. */
    KEY_UNKNOWN(401, "invalid_token", "the access token is invalid"),
    /** The token's {@code alg} is not one that the key allows (RFC 8725 section 3.1). */
    ALGORITHM_NOT_ALLOWED(401, "invalid_token", "the access token is invalid"),
    /** The signature is not the key's (RFC 7515 section 5.2). */
    SIGNATURE_INVALID(401, "invalid_token", "the access token is invalid"),
    /** {@code exp} lies in the past by more than the clock skew (RFC 7519 section 4.1.4). */
    TOKEN_EXPIRED(401, "invalid_token", "the access token expired"),
    /** {@code nbf} lies in the future by more than the clock skew (RFC 7519 section 4.1.5). Look at the clocks. */
    TOKEN_NOT_YET_VALID(401, "invalid_token", "the access token is not yet valid"),
    /** None of the provider's audiences is in {@code aud} (RFC 7519 section 4.1.3). */
    AUDIENCE_MISMATCH(401, "invalid_token", "the access token is not meant for this audience"),
    /** A required claim is absent. Look at the provider's {@code requiredClaims}. */
    CLAIM_MISSING(401, "invalid_token", "the access token is invalid"),
    /** The token's {@code typ} is not the provider's {@code tokenType} (RFC 8725 section 3.11, RFC 9068 section 4). */
    TOKEN_TYPE_MISMATCH(401, "invalid_token", "the access token is invalid"),
    /** A registered claim has a value of the wrong type (RFC 7519 section 4.1). */
    CLAIM_INVALID(401, "invalid_token", "the access token is invalid"),
    /**
     * The issuer's keys were never read, so no judgement is possible; the client should try again. Look at the key
     * server and at {@link KeySources#states}.
     */
    KEYS_UNAVAILABLE(503, null, "the keys that tokens are verified with are not available yet"),
    /**
     * More new tokens come than can be verified ({@link PolicyEngine.Builder#verifyOn}); the client should try again.
     * Look for a flood of forged tokens.
     */
    OVERLOADED(503, null, "too many new tokens are being verified"),
    /** A Deny expression held. */
    RULE_DENIED(403, null, "the policy denies this request"),
    /** A Require expression, or every Allow expression, did not hold. */
    RULE_NOT_MATCHED(403, null, "the policy denies this request"),
    /** A Deny expression could not be evaluated, and {@code onEvaluationError} is not {@code Ignore}. */
    RULE_FAILED(403, null, "the policy denies this request"),
    /** The policy of this target is invalid and the target is closed until it is mended. */
    POLICY_INVALID(403, null, "the policy of this target is invalid");

    private final int status;
    private final @Nullable String errorCode;
    private final String description;

    DenyReason(int status, @Nullable String errorCode, String description) {
        this.status = status;
        this.errorCode = errorCode;
        this.description = description;
    }

    /**
     * The HTTP status.
     *
     * @return 400, 401, 403 or 503
     */
    public int status() {
        return status;
    }

    /**
     * The error code of the challenge (RFC 6750 section 3.1).
     *
     * @return the code, or null where the challenge has none
     */
    public @Nullable String errorCode() {
        return errorCode;
    }

    /**
     * What the client is told: fixed text, nothing of the request or the token.
     *
     * @return one sentence without a full stop
     */
    public String description() {
        return description;
    }
}
