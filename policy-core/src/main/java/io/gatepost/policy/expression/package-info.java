/**
 * The seam through which an expression language comes to the engine: who offers one implements
 * {@link io.gatepost.policy.expression.ExpressionCompiler}. Depends on {@code io.gatepost.policy.request} and on what
 * expressions look at, {@link io.gatepost.policy.PolicyRequest} and {@link io.gatepost.policy.VerifiedToken}.
 */
@NullMarked
package io.gatepost.policy.expression;

import org.jspecify.annotations.NullMarked;
