/**
 * CEL behind the core's expression SPI. The door is {@link io.gatepost.policy.cel.CelExpressionCompiler}; no type of
 * the CEL library is in its signatures.
 */
@NullMarked
package io.gatepost.policy.cel;

import org.jspecify.annotations.NullMarked;
