/**
 * The policy decision point: a request goes in, a {@link io.gatepost.policy.Decision} comes out. Start at
 * {@link io.gatepost.policy.PolicyEngine}. Depends on {@code .request}, {@code .token}, {@code .expression},
 * {@code .keys} and {@code .model} below it; these know only {@link io.gatepost.policy.PolicyRequest},
 * {@link io.gatepost.policy.BodySource}, {@link io.gatepost.policy.VerifiedToken} and
 * {@link io.gatepost.policy.DenyReason} of this package. Knows no server and no expression language.
 */
@NullMarked
package io.gatepost.policy;

import org.jspecify.annotations.NullMarked;
