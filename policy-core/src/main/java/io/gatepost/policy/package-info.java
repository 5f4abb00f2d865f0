/**
 * The policy decision point: a request goes in, a {@link io.gatepost.policy.Decision} comes out. Start at
 * {@link io.gatepost.policy.PolicyEngine}. Depends on {@code io.gatepost.policy.model} and on how
 * {@code io.gatepost.policy.document} opens files, never back; knows no server and no expression language.
 */
@NullMarked
package io.gatepost.policy;

import org.jspecify.annotations.NullMarked;
