/**
 * Whether a credential is a good token: its form, issuer, key, signature and claims. Start at
 * {@link io.gatepost.policy.token.TokenVerifier}. Depends on {@code io.gatepost.policy.keys}, {@code .model},
 * {@code .diagnostic}, {@code .request} and {@code .text}, and on {@link io.gatepost.policy.DenyReason} and
 * {@link io.gatepost.policy.VerifiedToken}.
 */
@NullMarked
package io.gatepost.policy.token;

import org.jspecify.annotations.NullMarked;
